/** What a run of the tests leaves on services that it shares with others is gone when it ends. */
import { beginTestRun } from '../server/database/testing-schemas.ts';

export default beginTestRun;
