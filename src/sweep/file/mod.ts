/** Files of experiments. Apart from the rest of the sweep: this alone needs a reader of TOML, which is a package. */
export { readExperimentFile } from "./experiment_file.ts";
