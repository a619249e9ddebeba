import { contract } from './contract.js';
import { prismaAdapter } from './prisma-subject.js';

contract(prismaAdapter);
