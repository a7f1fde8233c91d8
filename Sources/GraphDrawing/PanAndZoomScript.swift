/// The script in images: drag or arrow keys move the graph, the wheel, two fingers, + and - enlarge it, 0 or a double
/// click shows all of it. It knows nothing but the group `viewport` beside it.
let panAndZoomScript = """
    (() => {
      "use strict";
      const svg = document.currentScript.ownerSVGElement;
      const view = svg.querySelector("#viewport");
      const fingers = new Map();
      let scale = 1, x = 0, y = 0;

      const show = () => view.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
      const place = (event) => {
        const frame = svg.getBoundingClientRect();
        return { x: event.clientX - frame.left, y: event.clientY - frame.top };
      };
      const zoom = (factor, at) => {
        const next = Math.min(Math.max(scale * factor, 0.02), 50);
        x = at.x - (at.x - x) * next / scale;
        y = at.y - (at.y - y) * next / scale;
        scale = next;
        show();
      };
      const fit = () => {
        const box = view.getBBox(), frame = svg.getBoundingClientRect();
        if (!box.width || !box.height || !frame.width || !frame.height) return show();
        scale = Math.min(1, frame.width / box.width, frame.height / box.height);
        x = (frame.width - box.width * scale) / 2 - box.x * scale;
        y = (frame.height - box.height * scale) / 2 - box.y * scale;
        show();
      };

      svg.style.touchAction = "none";
      svg.addEventListener("wheel", (event) => {
        event.preventDefault();
        const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
        zoom(Math.exp(-event.deltaY * lines * 0.002), place(event));
      }, { passive: false });
      svg.addEventListener("pointerdown", (event) => {
        fingers.set(event.pointerId, place(event));
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener("pointermove", (event) => {
        const before = fingers.get(event.pointerId);
        if (!before) return;
        const now = place(event);
        const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
        if (other) {
          const distance = (point) => Math.hypot(point.x - other.x, point.y - other.y) || 1;
          zoom(distance(now) / distance(before), other);
        } else {
          x += now.x - before.x;
          y += now.y - before.y;
          show();
        }
        fingers.set(event.pointerId, now);
      });
      for (const kind of ["pointerup", "pointercancel"]) {
        svg.addEventListener(kind, (event) => fingers.delete(event.pointerId));
      }
      svg.addEventListener("dblclick", fit);
      addEventListener("keydown", (event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const frame = svg.getBoundingClientRect();
        const middle = { x: frame.width / 2, y: frame.height / 2 };
        switch (event.key) {
          case "+": case "=": zoom(1.25, middle); break;
          case "-": zoom(0.8, middle); break;
          case "0": fit(); break;
          case "ArrowLeft": x += 60; show(); break;
          case "ArrowRight": x -= 60; show(); break;
          case "ArrowUp": y += 60; show(); break;
          case "ArrowDown": y -= 60; show(); break;
          default: return;
        }
        event.preventDefault();
      });
      fit();
    })();

    """
