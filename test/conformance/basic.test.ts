import { basicOptions, basicPlays } from './basic';
import { playPlan } from './plan';

playPlan('oidcc-client-basic-certification-test-plan', basicPlays, basicOptions);
