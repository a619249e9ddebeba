import { contract } from './contract.js';
import { knexAdapter } from './knex-subject.js';

contract(knexAdapter);
