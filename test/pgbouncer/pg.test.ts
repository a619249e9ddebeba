import { pgAdapter } from '../contract/pg-subject.js';
import { pooledContract } from './pooled.js';

pooledContract(pgAdapter);
