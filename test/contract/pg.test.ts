import { contract } from './contract.js';
import { pgAdapter } from './pg-subject.js';

contract(pgAdapter);
