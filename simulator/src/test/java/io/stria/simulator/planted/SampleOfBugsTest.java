package io.stria.simulator.planted;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Some planted bugs, of each rule one that is caught soon. All of them: {@code ./stria simulate
 * --planted}.
 */
@Timeout(300)
class SampleOfBugsTest {
    private static final long SEEDS_MAX = 40;

    /** Several are caught by the same seed, which is played without a bug only once. */
    private static final Hunter HUNTER = new Hunter();

    static List<PlantedBug> sample() {
        return Catalogue.all().stream().filter(PlantedBug::isSample).toList();
    }

    @ParameterizedTest
    @MethodSource("sample")
    void isCaught(PlantedBug bug) {
        Caught caught = HUNTER.hunt(bug, SEEDS_MAX);
        assertTrue(caught.isCaught(), caught.row());
    }

    /** A method that was renamed, or a comparison that has gone, must not go unnoticed. */
    @Test
    void everyBugCanStillBePlanted() throws ClassNotFoundException {
        for (PlantedBug bug : Catalogue.all()) {
            VariantLoader loader = new VariantLoader(bug, getClass().getClassLoader());
            for (PlantedBug.Change change : bug.changes()) {
                Class<?> variant = loader.loadClass(change.className());
                assertEquals(loader, variant.getClassLoader(), bug.name());
            }
        }
    }

    /** What it says in words of its rows, and of the catalogue, is so. */
    @Test
    void theDocumentCountsWhatIsThere() throws IOException {
        String text = Files.readString(Path.of("../docs/planted-bugs.md"));
        Set<String> planted = Catalogue.all().stream().map(Caught::key).collect(Collectors.toSet());
        List<String> rows =
                text.substring(text.indexOf(Caught.TITLE) + Caught.TITLE.length())
                        .strip()
                        .lines()
                        .toList();
        rows.forEach(row -> assertTrue(planted.contains(Caught.keyOf(row)), row));
        long missed = rows.stream().filter(row -> row.contains(Caught.MISSED)).count();
        String words = text.replace('\n', ' ');
        for (String expected :
                List.of(
                        "of %d bugs, %d were hunted".formatted(planted.size(), rows.size()),
                        "**%d are caught**".formatted(rows.size() - missed),
                        "no row, %d bugs,".formatted(planted.size() - rows.size()))) {
            assertTrue(words.contains(expected), expected);
        }
    }

    @Test
    void whatIsNotThereCannotBePlanted() {
        PlantedBug bug =
                PlantedBug.of("none", "a call that nobody makes is left out")
                        .in("dataplane.volume.Watermark", "inherit", Patch.noCall("nobody"));
        VariantLoader loader = new VariantLoader(bug, getClass().getClassLoader());
        assertThrows(
                IllegalStateException.class,
                () -> loader.loadClass("io.stria.dataplane.volume.Watermark"));
    }
}
