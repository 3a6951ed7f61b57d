/**
 * Leaflet, from the one place that names its version. Types: leaflet.d.ts.
 *
 * Its module build comes unminified only, 109 KB gzipped; this is the minified one, 42 KB, which
 * leaves itself in a global. The classes go on from here as if it were a module.
 */
import "../vendor/leaflet-1.9.4/leaflet.js";

export const {
  Bounds, Browser, CRS, Canvas, Circle, CircleMarker, Class, Control, DivIcon, DivOverlay,
  DomEvent, DomUtil, Draggable, Evented, FeatureGroup, GeoJSON, GridLayer, Handler, Icon,
  ImageOverlay, LatLng, LatLngBounds, Layer, LayerGroup, LineUtil, Map, Marker, Mixin, Path,
  Point, PolyUtil, Polygon, Polyline, Popup, PosAnimation, Projection, Rectangle, Renderer, SVG,
  SVGOverlay, TileLayer, Tooltip, Transformation, Util, VideoOverlay,
} = globalThis.L;
