package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.stria.clustermap.Scheme;
import io.stria.clustermap.Tolerance;
import io.stria.clustermap.VolumeEntry;
import io.stria.node.cluster.ClusterException;
import io.stria.runtime.Sizes;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code stria volume ...}. */
@Command(
        name = "volume",
        description = "Create, list, show, scrub, delete and connect volumes.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            VolumeCommand.Create.class,
            VolumeCommand.ListAll.class,
            VolumeCommand.Show.class,
            VolumeCommand.Scrub.class,
            VolumeCommand.Delete.class,
            VolumeCommand.Connect.class
        })
final class VolumeCommand extends CommandGroup {

    /** REST would take a name of no letters or of dots for another path. */
    private static String path(String name) {
        if (name.matches("\\.{0,2}")) {
            throw new ClusterException("there is no volume '" + name + "'");
        }
        return "/volumes/" + Api.segment(name);
    }

    /** {@code volume create NAME --size SIZE}. */
    @Command(name = "create", description = "Create a volume.", mixinStandardHelpOptions = true)
    static final class Create implements Callable<Integer> {
        /** It takes a moment: less than a second. */
        private static final long SERVED_NS = TimeUnit.SECONDS.toNanos(5);

        private static final long LOOK_MS = 100;
        private static final int ANSWER_MS = 2000;

        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(
                paramLabel = "NAME",
                description = "At most 63 of a-z, 0-9 and, between these, '-'.")
        private String name = "";

        @Option(
                names = "--size",
                required = true,
                paramLabel = "SIZE",
                converter = SizeOption.class,
                description =
                        "Such as 8G; space is taken only as it is written. " + SizeOption.UNITS)
        private long sizeBytes;

        @Option(
                names = "--scheme",
                paramLabel = "N+2",
                defaultValue = "2+2",
                converter = SchemeOption.class,
                description = "1+2, 2+2, 4+2 or 8+2; default: ${DEFAULT-VALUE}.")
        private Scheme scheme = new Scheme(2);

        @Option(
                names = "--tolerate",
                paramLabel = "WHAT",
                defaultValue = "node",
                description =
                        "What any two of may be lost: node (default), or device, for clusters with"
                                + " too few nodes.")
        private Tolerance tolerance = Tolerance.NODE;

        @Option(
                names = "--lba-size",
                paramLabel = "BYTES",
                defaultValue = "4096",
                converter = LbaSizeOption.class,
                description =
                        "Of the logical blocks that hosts address: 4096 (default), or 512 for hosts"
                                + " that need it; writes of less than 4096 then read first.")
        private int lbaBytes;

        @Spec private CommandSpec command = CommandSpec.create();

        @Override
        public Integer call() throws InterruptedException {
            Api api = target.api();
            Api.Answer made =
                    api.create("/volumes", body(name, sizeBytes, scheme, tolerance, lbaBytes));
            JsonNode change = served(api, made.body());
            output.print(change, () -> Views.volume(change.path("volume")));
            if (!made.isNew()) {
                say("there already was this volume: nothing is changed");
            }
            sayIfTooLarge(api);
            return ExitCode.OK;
        }

        /** The same with the volume as it is when somebody serves it, if that is soon. */
        private JsonNode served(Api api, JsonNode change) throws InterruptedException {
            long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < SERVED_NS) {
                JsonNode now = volumeNow(api);
                if (now.path("serving").asBoolean()) {
                    return ((ObjectNode) change.deepCopy()).set("volume", now);
                }
                Thread.sleep(LOOK_MS);
            }
            say(
                    "volume %s is made, and not served yet: `stria volume show %s`"
                            .formatted(name, name));
            return change;
        }

        private JsonNode volumeNow(Api api) {
            try {
                return api.withTimeout(ANSWER_MS).get(path(name));
            } catch (ApiException e) {
                return MissingNode.getInstance(); // a node that has not heard of it
            }
        }

        /** States of devices that volumes are to stay on. */
        private static final Set<String> HOLDING = Set.of("online", "syncing", "unavailable");

        /** If nothing else were on the devices. */
        private void sayIfTooLarge(Api api) {
            long deviceBytes = 0;
            try {
                for (JsonNode device : Views.items(api.get("/devices"), "devices")) {
                    boolean holds = HOLDING.contains(device.path("state").asText());
                    deviceBytes += holds ? device.path("sizeBytes").asLong() : 0;
                }
            } catch (ApiException e) {
                return; // the volume is made all the same
            }
            long roomBytes = deviceBytes / scheme.fragments() * scheme.dataFragments();
            if (sizeBytes > roomBytes) {
                say(
                        "more than all devices can hold, which is %s with %s: writes fail when they are full"
                                .formatted(Sizes.format(roomBytes), scheme));
            }
        }

        private void say(String line) {
            new Progress(command.commandLine().getErr()).say(line);
        }

        static Map<String, Object> body(
                String name, long sizeBytes, Scheme scheme, Tolerance tolerance, int lbaBytes) {
            Map<String, Object> body = new LinkedHashMap<>();
            body.put("name", name);
            body.put("sizeBytes", sizeBytes);
            body.put("scheme", scheme);
            body.put("tolerance", tolerance.name().toLowerCase(Locale.ROOT));
            if (lbaBytes != VolumeEntry.LBA_BYTES_DEFAULT) {
                body.put("lbaBytes", lbaBytes); // nodes of before there was a choice know no field
            }
            return body;
        }
    }

    /** {@code volume list}. */
    @Command(name = "list", description = "List the volumes.", mixinStandardHelpOptions = true)
    static final class ListAll implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Override
        public Integer call() {
            JsonNode volumes = Views.items(target.api().get("/volumes"), "volumes");
            output.print(volumes, () -> Views.volumes(volumes));
            return ExitCode.OK;
        }
    }

    /** {@code volume show NAME}. */
    @Command(
            name = "show",
            description = "Show a volume, what it survives, and its scrubs.",
            mixinStandardHelpOptions = true)
    static final class Show implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "NAME", description = "Of the volume.")
        private String name = "";

        @Override
        public Integer call() {
            JsonNode volume = target.api().get(path(name));
            output.print(volume, () -> Views.volume(volume));
            return ExitCode.OK;
        }
    }

    /** {@code volume scrub NAME}. */
    @Command(
            name = "scrub",
            description =
                    "Compare all fragments of a volume now and repair what is wrong; volume show"
                            + " says how far that is. The request is lost with the volume's owner.",
            mixinStandardHelpOptions = true)
    static final class Scrub implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "NAME", description = "Of the volume.")
        private String name = "";

        @Override
        public Integer call() throws InterruptedException {
            JsonNode answer = target.api().insist(path(name) + "/scrub", Map.of());
            output.print(answer, () -> Views.scrubTaken(answer));
            return ExitCode.OK;
        }
    }

    /** {@code volume delete NAME}. */
    @Command(
            name = "delete",
            description = "Delete a volume and all its data, at once and for good.",
            mixinStandardHelpOptions = true)
    static final class Delete implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "NAME", description = "Of the volume.")
        private String name = "";

        @Override
        public Integer call() {
            JsonNode answer = target.api().delete(path(name));
            output.print(answer, () -> "volume " + name + " is being deleted\n");
            return ExitCode.OK;
        }
    }

    /** {@code volume connect NAME}. */
    @Command(
            name = "connect",
            description = "Print how a Linux host connects to a volume, on all its paths.",
            mixinStandardHelpOptions = true)
    static final class Connect implements Callable<Integer> {
        @Mixin private Target target = new Target();
        @Mixin private Output output = new Output();

        @Parameters(paramLabel = "NAME", description = "Of the volume.")
        private @Nullable String name;

        @Override
        public Integer call() {
            JsonNode connect = target.api().get(path(String.valueOf(name)) + "/connect");
            output.print(connect, () -> Views.connect(connect));
            return ExitCode.OK;
        }
    }
}
