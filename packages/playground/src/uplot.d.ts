// The gateway serves uPlot's ES module as /playground/uplot.js; this says what is in it.
export { default } from "uplot";
