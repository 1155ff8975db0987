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
 */
public final class TestSummary {
    private int passed;
    private int failed;
    private int skipped;

    private TestSummary() {}

    public static void main(String[] arguments) throws Exception {
        TestSummary summary = new TestSummary();
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
            skipped++;
            System.out.println("skipped: " + name + ": " + reason(test, "skipped"));
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
