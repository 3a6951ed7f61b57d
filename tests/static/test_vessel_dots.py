"""The picture of thousands of dots, mended: the same as if all of it were drawn again."""

import pytest

from tests.static.scripts import answer

STAGE = """
    const [width, height] = [160, 120];
    const canvasOf = (a, e, f) => {
        const pixels = new Array(width * height).fill("");
        let count = 0;
        const paint = (x, y, w, h, what) => {
            count += 1;
            for (let row = Math.max(0, y); row < Math.min(height, y + h); row += 1)
                for (let column = Math.max(0, x); column < Math.min(width, x + w); column += 1)
                    pixels[row * width + column] = what;
        };
        return {
            pixels, canvas: { width, height }, fillStyle: "", getTransform: () => ({ a, e, f }),
            save() {}, restore() {}, resetTransform() {},
            clearRect: (x, y, w, h) => paint(x, y, w, h, ""),
            fillRect(x, y, w, h) { paint(x, y, w, h, this.fillStyle); },
            get count() { return count; },
        };
    };
    let seed = given[0];
    const dice = (below) => (seed = (seed * 16807) % 2147483647) % below;
    const roles = ["live", "late", "silent"];
    const placeOf = () => ({ x: dice(180) - 10 + dice(9) / 9, y: dice(140) - 10 });
    const markOf = (id) => ({ id, ...placeOf(), role: roles[dice(3)] });
    let marks = Array.from({ length: 300 }, (_, i) => markOf(String(i)));
    const dots = new VesselDots((role) => role);
    const frame = {};
    const change = (at, id) => { marks[at] = markOf(id); dots.put(marks[at]); };
"""


def drawn(script: str, *given: object):
    return answer("vessel-dots.js", f"(() => {{ {STAGE} {script} }})()", *given)


@pytest.mark.parametrize("scale", [[1, 0, 0], [2, 0, 0], [1.25, 0, 0], [2.5, -30, 12.5]])
@pytest.mark.parametrize("changes", [3, 30], ids=["a few move", "most cells change"])
def test_a_mended_picture_of_dots_is_the_one_that_would_be_drawn_anew(scale, changes):
    script = """
        const mended = canvasOf(...given[1]);
        dots.draw(mended, frame, marks);
        for (let step = 0; step < 30; step += 1) {
            dots.drop(marks.pop().id);
            for (let one = 0; one < given[2]; one += 1) {
                const at = dice(marks.length);
                change(at, marks[at].id);
            }
            if (dice(2)) change(marks.length, `new ${step}`);
            dots.mend(mended, []);
        }
        const anew = canvasOf(...given[1]);
        dots.draw(anew, frame, marks);
        return mended.pixels.filter((one, i) => one !== anew.pixels[i]).length;"""

    assert drawn(script, 1852, scale, changes) == 0


def test_what_lay_over_the_dots_is_gone_after_mending():
    script = """
        const canvas = canvasOf(2, 0, 0);
        dots.draw(canvas, frame, marks);
        const before = [...canvas.pixels];
        canvas.fillStyle = "name";
        canvas.fillRect(21, 30, 40, 11);
        dots.mend(canvas, [{ x: 10.5, y: 15, width: 20, height: 5.5 }]);
        return canvas.pixels.every((one, i) => one === before[i]);"""

    assert drawn(script, 7) is True


def test_nothing_is_drawn_while_nobody_moves_by_a_pixel():
    script = """
        marks = marks.map((mark) => ({ ...mark, x: Math.round(mark.x) }));
        const canvas = canvasOf(1, 0, 0);
        dots.draw(canvas, frame, marks);
        const before = canvas.count;
        for (const mark of marks) dots.put({ ...mark, x: mark.x + 0.4 });
        dots.mend(canvas, []);
        return canvas.count - before;"""

    assert drawn(script, 7) == 0


def test_only_the_neighbours_of_a_dot_that_moved_are_drawn_again():
    script = """
        const canvas = canvasOf(1, 0, 0);
        dots.draw(canvas, frame, marks);
        const before = canvas.count;
        dots.put({ ...marks[0], x: marks[0].x + 1 });
        dots.mend(canvas, []);
        return canvas.count - before;"""

    assert 0 < drawn(script, 7) < 100


def test_a_picture_can_be_mended_only_where_it_was_drawn():
    script = """
        const [screen, paper] = [canvasOf(1, 0, 0), canvasOf(2.5, 0, 0)];
        dots.draw(screen, frame, marks);
        const first = [dots.isOf(frame, screen), dots.isOf({}, screen)];
        dots.draw(paper, frame, marks);
        return [...first, dots.isOf(frame, screen)];"""

    assert drawn(script, 7) == [True, False, False]
