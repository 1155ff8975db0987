package io.stria.perf.flame;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Draws a recording: each method is as wide as the share of samples that it, or what it called, was
 * seen in. Callers stand below. The pointer shows names that are cut short.
 */
public final class FlameGraph {
    private static final int WIDTH = 1400;
    private static final int ROW = 17;
    private static final int MARGIN = 8;
    private static final int HEAD = 2 * ROW + MARGIN;
    private static final double WIDTH_MIN = 0.4;
    private static final double CHARACTER = 6.7;
    private static final String[] COLOURS = {"#f7b267", "#f4845f", "#f79d65", "#f9c784", "#f27059"};

    private final StringBuilder svg = new StringBuilder();
    private final long all;
    private final int height;

    private FlameGraph(Recording recording) {
        this.all = Math.max(1, recording.root().samples());
        this.height = HEAD + recording.root().height() * ROW + MARGIN;
    }

    /**
     * @param title of the picture
     */
    public static void draw(Recording recording, String title, Path file) throws IOException {
        FlameGraph graph = new FlameGraph(recording);
        graph.open(title, recording.legend());
        graph.add(recording.root(), 0, MARGIN);
        graph.svg.append("</svg>\n");
        Files.writeString(file, graph.svg);
    }

    private void open(String title, String legend) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %1$d %2$d\" font-family=\"monospace\" font-size=\"11\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n",
                        WIDTH,
                        height));
        text(MARGIN, ROW, title);
        text(MARGIN, 2 * ROW, legend);
    }

    private void add(Flame flame, int level, double left) {
        double width = (double) (WIDTH - 2 * MARGIN) * flame.samples() / all;
        if (width < WIDTH_MIN) {
            return;
        }
        int top = height - MARGIN - (level + 1) * ROW;
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<g><title>%s: %.1f %%</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
                        escaped(flame.name),
                        100.0 * flame.samples() / all,
                        left,
                        top,
                        Math.max(WIDTH_MIN, width - 0.5),
                        ROW - 1,
                        COLOURS[Math.floorMod(flame.name.hashCode(), COLOURS.length)]));
        int characters = (int) ((width - 6) / CHARACTER);
        if (characters > 2) {
            text(left + 3, top + ROW - 5, shortened(flame.name, characters));
        }
        svg.append("</g>\n");
        double at = left;
        for (Flame callee : flame.callees()) {
            add(callee, level + 1, at);
            at += (double) (WIDTH - 2 * MARGIN) * callee.samples() / all;
        }
    }

    private void text(double x, int y, String words) {
        svg.append(
                String.format(
                        Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x, y, escaped(words)));
    }

    private static String shortened(String name, int characters) {
        return name.length() <= characters ? name : name.substring(0, characters - 1) + "…";
    }

    private static String escaped(String words) {
        return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
