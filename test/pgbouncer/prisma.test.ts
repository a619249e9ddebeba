import { prismaAdapter } from '../contract/prisma-subject.js';
import { pooledContract } from './pooled.js';

pooledContract(prismaAdapter);
