import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Counts the mutants in PIT's reports of some modules, and lists those that no test noticed: {@code
 * java MutantSummary.java HOME MODULE...}.
 */
public final class MutantSummary {
    /** Columns of {@code mutations.csv}: file, class, mutator, method, line, status, test. */
    private static final int COLUMNS = 7;

    private MutantSummary() {}

    public static void main(String[] arguments) throws IOException {
        for (String module : List.of(arguments).subList(1, arguments.length)) {
            summarise(module, Path.of(arguments[0], module, "target/pit-reports/mutations.csv"));
        }
    }

    private static void summarise(String module, Path report) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Integer> unnoticed = new TreeMap<>();
        List<String> lines = Files.readAllLines(report);
        for (String line : lines) {
            String[] column = line.split(",", COLUMNS);
            String status = column[5];
            counts.merge(status, 1, Integer::sum);
            if (status.equals("SURVIVED") || status.equals("NO_COVERAGE")) {
                String type = column[1].substring(column[1].lastIndexOf('.') + 1);
                String mutator = column[2].substring(column[2].lastIndexOf('.') + 1);
                unnoticed.merge(
                        "  %s.%s:%s  %s%s"
                                .formatted(
                                        type,
                                        column[3],
                                        column[4],
                                        mutator.replace("Mutator", ""),
                                        status.equals("SURVIVED") ? "" : "  (never executed)"),
                        1,
                        Integer::sum);
            }
        }
        int left = counts.getOrDefault("SURVIVED", 0) + counts.getOrDefault("NO_COVERAGE", 0);
        System.out.println(
                "%s: %d of %d mutants noticed %s"
                        .formatted(module, lines.size() - left, lines.size(), counts));
        unnoticed.forEach(
                (mutant, count) ->
                        System.out.println(mutant + (count == 1 ? "" : "  x " + count)));
    }
}
