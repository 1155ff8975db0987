import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * Counts the tests in Surefire's reports below a directory; the last line is {@code N passed, N
 * failed, N skipped}. Exit status 1 when one failed or none ran.
 *
 * <p>With {@code -Dstria.required=true} among Maven's arguments a test that was skipped has failed,
 * unless it is of what no package installs.
 */
public final class TestSummary {
    private static final String REQUIRED = "-Dstria.required=true";

    /** What is in the reason of a test that may be skipped all the same. */
    private static final List<String> OPTIONAL = List.of("no SPDK", "no nvmf_tgt");

    private final boolean required;
    private int passed;
    private int failed;
    private int skipped;

    private TestSummary(boolean required) {
        this.required = required;
    }

    /** Takes the directory, then what Maven got. */
    public static void main(String[] arguments) throws Exception {
        TestSummary summary = new TestSummary(List.of(arguments).contains(REQUIRED));
        DocumentBuilder parser = DocumentBuilderFactory.newInstance().newDocumentBuilder();
        System.out.println();
        for (Path report : reports(Path.of(arguments[0]))) {
            NodeList cases =
                    parser.parse(report.toFile()).getDocumentElement().getElementsByTagName("testcase");
            for (int i = 0; i < cases.getLength(); i++) {
                summary.count((Element) cases.item(i));
            }
        }
        System.out.println(
                "%d passed, %d failed, %d skipped"
                        .formatted(summary.passed, summary.failed, summary.skipped));
        System.exit(summary.failed > 0 || summary.passed == 0 ? 1 : 0);
    }

    private static List<Path> reports(Path root) throws IOException {
        try (Stream<Path> tree = Files.find(root, 5, (path, attributes) -> isReport(path))) {
            return tree.sorted().toList();
        }
    }

    private static boolean isReport(Path path) {
        String name = path.getFileName().toString();
        return name.startsWith("TEST-")
                && name.endsWith(".xml")
                && path.getParent().endsWith("target/surefire-reports");
    }

    private void count(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        if (test.getElementsByTagName("skipped").getLength() > 0) {
            String reason = reason(test, "skipped");
            boolean fails = required && OPTIONAL.stream().noneMatch(reason::contains);
            skipped += fails ? 0 : 1;
            failed += fails ? 1 : 0;
            System.out.println((fails ? "FAILED: it must run here: " : "skipped: ") + name + ": " + reason);
        } else if (test.getElementsByTagName("failure").getLength() > 0) {
            failed++;
            System.out.println("FAILED: " + name + ": " + reason(test, "failure"));
        } else if (test.getElementsByTagName("error").getLength() > 0) {
            failed++;
            System.out.println("FAILED: " + name + ": " + reason(test, "error"));
        } else {
            passed++;
        }
    }

    private static String reason(Element test, String tag) {
        Element element = (Element) test.getElementsByTagName(tag).item(0);
        String message = element.getAttribute("message");
        String text = message.isEmpty() ? element.getTextContent() : message;
        return text.lines().filter(line -> !line.isBlank()).findFirst().orElse("no reason given").strip();
    }
}
