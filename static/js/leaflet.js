/** Leaflet, from the one place that names its version. Types: leaflet.d.ts. */
export * from "../vendor/leaflet-1.9.4/leaflet-src.esm.js";
