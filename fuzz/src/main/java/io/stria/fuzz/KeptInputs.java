package io.stria.fuzz;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The inputs that are kept with the source: with them the fuzzer begins. */
final class KeptInputs {
    private KeptInputs() {}

    static List<Path> of(Class<?> target) throws IOException {
        Path directory = directory(target);
        if (directory == null) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        }
    }

    /** Null if the target has none. */
    static @Nullable Path directory(Class<?> target) {
        URL url = target.getResource("/fuzz/" + target.getSimpleName());
        try {
            return url == null ? null : Path.of(url.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(url + " is no directory", e);
        }
    }

    static void run(Class<?> target, byte[] input) throws Throwable {
        Method method = target.getMethod("fuzzerTestOneInput", byte[].class);
        method.setAccessible(true);
        try {
            method.invoke(null, (Object) input);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
