package io.stria.node.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One answer of {@code /metrics}, in Prometheus' text format. */
public final class Scrape {
    private static final Path TABLE = Path.of("../docs/metrics.md");
    private static final Pattern ROW =
            Pattern.compile("(?m)^\\| `(stria_\\w+)` \\| (\\w+) \\| ([^|]*) \\| ([^|]+) \\|$");
    private static final Pattern SAMPLE = Pattern.compile("^([a-z_0-9]+)(\\{.*\\})? (\\S+)$");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]+)=\"[^\"]*\"");
    private static final String[] NO_BASE_UNITS = {
        "_ms",
        "_millis",
        "_milliseconds",
        "_us",
        "_ns",
        "_minutes",
        "_kb",
        "_mb",
        "_bits",
        "_percent"
    };

    private final String text;
    private final Map<String, String> types = new TreeMap<>();
    private final Map<String, String> helps = new TreeMap<>();
    private final Map<String, Double> samples = new TreeMap<>();

    public Scrape(String text) {
        this.text = text;
        for (String line : text.split("\n")) {
            if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", 4);
                types.put(words[2], words[3]);
            } else if (line.startsWith("# HELP ")) {
                String[] words = line.split(" ", 4);
                helps.put(words[2], words[3]);
            } else if (!line.startsWith("#") && !line.isBlank()) {
                Matcher sample = SAMPLE.matcher(line);
                assertTrue(sample.matches(), line);
                String labels = sample.group(2) == null ? "" : sample.group(2);
                samples.put(sample.group(1) + labels, number(sample.group(3)));
            }
        }
    }

    /**
     * @param api address and port of a node's REST
     */
    public static Scrape of(String api) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request =
                    HttpRequest.newBuilder(URI.create("http://" + api + "/metrics")).build();
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            assertEquals(200, answer.statusCode(), answer.body());
            return new Scrape(answer.body());
        }
    }

    private static double number(String word) {
        return word.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(word);
    }

    /** The value of a sample, written as in the text. */
    public double value(String sample) {
        Double value = samples.get(sample);
        assertTrue(value != null, "no " + sample + " in\n" + text);
        return value;
    }

    public boolean mentions(String part) {
        return text.contains(part);
    }

    /** Every family is ours, has help, and is named as Prometheus' conventions ask. */
    public void assertNamed() {
        assertEquals(types.keySet(), helps.keySet());
        types.forEach((name, type) -> {
            assertTrue(name.matches("stria_[a-z0-9]+(_[a-z0-9]+)*"), name);
            assertEquals(type.equals("counter"), name.endsWith("_total"), name + " is a " + type);
            for (String unit : NO_BASE_UNITS) {
                assertTrue(!(name + "_").contains(unit + "_"), name + " is in no base unit");
            }
            assertTrue(!type.equals("histogram") || name.endsWith("_seconds"), name);
            assertTrue(!helps.getOrDefault(name, "").isBlank(), name + " says nothing");
        });
    }

    /** Names, types and labels are those of {@code docs/metrics.md}. */
    public void assertAsDocumented() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        Matcher rows = ROW.matcher(Files.readString(TABLE));
        while (rows.find()) {
            String labels = rows.group(3).replace("`", "").strip();
            documented.put(rows.group(1), rows.group(2) + " " + labels);
        }
        Map<String, String> found = new TreeMap<>();
        types.forEach((name, type) -> found.put(name, type + " " + labels(name, type)));
        assertEquals(lines(documented), lines(found));
    }

    private static String lines(Map<String, String> map) {
        List<String> lines = new ArrayList<>();
        map.forEach((name, rest) -> lines.add((name + " " + rest).strip()));
        return String.join("\n", lines);
    }

    private String labels(String family, String type) {
        String prefix = type.equals("histogram") ? family + "_count" : family;
        for (String sample : samples.keySet()) {
            if (sample.startsWith(prefix + "{")) {
                List<String> names = new ArrayList<>();
                Matcher label = LABEL.matcher(sample);
                while (label.find()) {
                    names.add(label.group(1));
                }
                names.sort(null);
                return String.join(", ", names);
            }
        }
        return "";
    }

    /** What promtool says against it; empty if nothing. */
    public static String promtool(String input, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Path in = Files.createTempFile("scrape", ".txt");
        try {
            Files.writeString(in, input);
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectInput(in.toFile())
                            .start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            assertTrue(process.waitFor(1, TimeUnit.MINUTES));
            return process.exitValue() == 0 ? "" : said;
        } finally {
            Files.delete(in);
        }
    }

    /** Whether Debian's package prometheus is installed. */
    public static boolean hasPromtool() {
        for (String directory : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(directory, "promtool"))) {
                return true;
            }
        }
        return false;
    }

    public String text() {
        return text;
    }
}
