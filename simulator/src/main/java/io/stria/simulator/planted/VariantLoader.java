package io.stria.simulator.planted;

import static java.util.Objects.requireNonNull;

import io.stria.simulator.planted.PlantedBug.Change;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The product once more, with a bug in it: loads the same class files as its parent, patches those
 * that the bug names, and leaves to its parent only what lies below all of them.
 */
final class VariantLoader extends ClassLoader {
    /** The code that holds the rules, and what runs it. */
    private static final List<String> UPPER =
            List.of("io.stria.dataplane.", "io.stria.control.", "io.stria.simulator.");

    private final PlantedBug bug;
    private final ClassLoader original;
    private final boolean all;
    private final ClassFile classFile;

    VariantLoader(PlantedBug bug, ClassLoader original) {
        super("variant", original);
        this.bug = bug;
        this.original = original;
        all =
                bug.changes().stream()
                        .anyMatch(
                                change -> UPPER.stream().noneMatch(change.className()::startsWith));
        classFile =
                ClassFile.of(
                        ClassHierarchyResolverOption.of(
                                ClassHierarchyResolver.ofResourceParsing(original)));
        setDefaultAssertionStatus(true);
    }

    private boolean isOurs(String name) {
        return all ? name.startsWith("io.stria.") : UPPER.stream().anyMatch(name::startsWith);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!isOurs(name)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> known = findLoadedClass(name);
            return known != null ? known : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes;
        try (InputStream in = original.getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (in == null) {
                throw new ClassNotFoundException(name);
            }
            bytes = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (bug.changes().stream().anyMatch(change -> change.className().equals(name))) {
            bytes = patched(name, bytes);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] patched(String name, byte[] bytes) {
        Map<MethodModel, List<Change>> changes = new LinkedHashMap<>();
        ClassModel model = classFile.parse(bytes);
        for (Change change : bug.changes()) {
            if (change.className().equals(name)) {
                changes.computeIfAbsent(methodOf(model, change), method -> new ArrayList<>())
                        .add(change);
            }
        }
        return classFile.transformClass(
                model,
                (to, element) -> {
                    if (element instanceof MethodModel method && changes.containsKey(method)) {
                        patch(to, method, requireNonNull(changes.get(method)));
                    } else {
                        to.with(element);
                    }
                });
    }

    private static MethodModel methodOf(ClassModel model, Change change) {
        return model.methods().stream()
                .filter(method ->
                        change.isIn(
                                method.methodName().stringValue(),
                                method.methodType().stringValue()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no such method: " + change));
    }

    private void patch(ClassBuilder to, MethodModel method, List<Change> changes) {
        List<Patch> used = new ArrayList<>();
        to.transformMethod(
                method,
                MethodTransform.transformingCode(
                        CodeTransform.ofStateful(() -> {
                            used.clear(); // the code may be built more than once
                            changes.forEach(change -> used.add(change.patch().get()));
                            return transform(method, List.copyOf(used));
                        })));
        if (used.isEmpty() || !used.stream().allMatch(Patch::isDone)) {
            throw new IllegalStateException(
                    "nothing to patch: %s for \"%s\"".formatted(changes, bug.name()));
        }
    }

    private static CodeTransform transform(MethodModel method, List<Patch> patches) {
        return (to, element) -> {
            for (Patch patch : patches) {
                if (patch.take(to, element, method.methodTypeSymbol())) {
                    return;
                }
            }
            to.with(element);
        };
    }
}
