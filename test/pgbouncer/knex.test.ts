import { knexAdapter } from '../contract/knex-subject.js';
import { pooledContract } from './pooled.js';

pooledContract(knexAdapter);
