/** The suite on the fake backend: what unit tests stand on keeps to what the others do. */
import { simulatedStage } from "./simulated.ts";
import { conformance } from "./suite.ts";

conformance("fake", simulatedStage);
