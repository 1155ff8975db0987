package io.stria.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.stria.runtime.Sizes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What REST says, for people. */
final class Views {
    /** What makes failover fast: a dead target is noticed within seconds and retried for ever. */
    private static final String HOST_OPTIONS =
            "--keep-alive-tmo=1 --reconnect-delay=1 --ctrl-loss-tmo=-1";

    private Views() {}

    static boolean isHealthy(JsonNode cluster) {
        return cluster.path("health").asText().equals("healthy");
    }

    /** A list, whether it stands alone or in an object. */
    static JsonNode items(JsonNode answer, String name) {
        return answer.isArray() ? answer : answer.path(name);
    }

    static String cluster(JsonNode cluster) {
        StringBuilder text = new StringBuilder();
        text.append("cluster %s is %s%n".formatted(text(cluster, "id"), text(cluster, "health")));
        for (JsonNode problem : cluster.path("problems")) {
            text.append("  ").append(problem.asText()).append('\n');
        }
        for (JsonNode note : cluster.path("notes")) {
            text.append("note: ").append(note.asText()).append('\n');
        }
        for (JsonNode moving : cluster.path("movements")) {
            text.append(
                    "volume %s moves: %s%n"
                            .formatted(text(moving, "volume"), movement(moving.path("movement"))));
        }
        text.append(
                "nodes %s, devices %s, volumes %s, voters %s%n"
                        .formatted(
                                count(cluster, "nodes"),
                                count(cluster, "devices"),
                                count(cluster, "volumes"),
                                count(cluster, "voters")));
        text.append(space(cluster.path("space")));
        text.append(
                "epoch %s, in force %s, %s%n"
                        .formatted(
                                text(cluster, "epoch"),
                                text(cluster, "inForceEpoch"),
                                knowsLeader(cluster)
                                        ? "led by node " + text(cluster, "leader")
                                        : "no leader"));
        return text.toString();
    }

    private static String space(JsonNode space) {
        return space.isObject()
                ? "space %s of %s used (%s), with parity; the fullest device %s%n"
                        .formatted(
                                Sizes.format(space.path("usedBytes").asLong()),
                                Sizes.format(space.path("usableBytes").asLong()),
                                used(space),
                                percent(space.path("fullestPercent").asDouble()))
                : "";
    }

    /** Empty while nobody has told. */
    private static String used(JsonNode space) {
        return space.path("usedBytes").isNumber()
                ? percent(
                        100.0
                                * space.path("usedBytes").asLong()
                                / Math.max(1, space.path("usableBytes").asLong()))
                : "";
    }

    private static String percent(double percent) {
        return String.format(Locale.ROOT, "%.1f %%", percent);
    }

    /** A node that has just started, or is cut off, knows none, nor which volumes are served. */
    static boolean knowsLeader(JsonNode cluster) {
        return cluster.hasNonNull("leader");
    }

    static String settings(JsonNode settings) {
        long seconds = settings.path("rebuildAfterSeconds").asLong();
        return "a device that stays away is rebuilt elsewhere %s%n"
                .formatted(
                        seconds == 0
                                ? "only when somebody says that it is lost (never by itself)"
                                : "after " + duration(seconds));
    }

    static String nodes(JsonNode nodes) {
        Table table =
                new Table("NODE", "STATE", "ADDRESS", "NVME", "REST", "PID", "ENGINE", "VOTER");
        for (JsonNode node : nodes) {
            table.row(
                    text(node, "id"),
                    word(node, "state"),
                    text(node, "address"),
                    text(node, "dataPort"),
                    text(node, "apiPort"),
                    node.path("pid").asLong() == 0 ? "" : text(node, "pid"),
                    text(node, "engine"),
                    voter(node));
        }
        return table.toString();
    }

    /** Whether it takes part in decisions, which only a leader that has heard it knows. */
    private static String voter(JsonNode node) {
        if (!node.path("voter").asBoolean()) {
            return "no";
        }
        String state = text(node, "voterState");
        return switch (state) {
            case "works" -> "yes";
            case "" -> "unknown";
            default -> state;
        };
    }

    /** As the map has them, which knows no processes. */
    private static String mapNodes(JsonNode nodes) {
        Table table = new Table("NODE", "STATE", "ADDRESS", "NVME", "REST", "VOTER");
        for (JsonNode node : nodes) {
            table.row(
                    text(node, "id"),
                    word(node, "state"),
                    text(node, "address"),
                    text(node, "dataPort"),
                    text(node, "apiPort"),
                    node.path("voter").asBoolean() ? "yes" : "no");
        }
        return table.toString();
    }

    /** As the map has them, with what decides who may serve and who votes. */
    private static String mapVolumes(JsonNode volumes) {
        Table table =
                new Table("VOLUME", "STATE", "SIZE", "SCHEME", "EPOCH", "OWNER", "PATHS", "BEHIND");
        for (JsonNode volume : volumes) {
            table.row(
                    text(volume, "name"),
                    word(volume, "state"),
                    size(volume),
                    text(volume, "scheme"),
                    text(volume, "epoch"),
                    text(volume, "owner"),
                    join(volume.path("paths")),
                    String.join(",", names(volume.path("behind"))));
        }
        return table.toString();
    }

    static String devices(JsonNode devices) {
        Table table =
                new Table("SLOT", "NODE", "STATE", "SIZE", "USED", "WEIGHT", "DEVICE", "NOTE");
        for (JsonNode device : devices) {
            table.row(
                    text(device, "slot"),
                    text(device, "node"),
                    word(device, "state"),
                    size(device),
                    used(device),
                    text(device, "weight"),
                    text(device, "id"),
                    text(device, "reason"));
        }
        return table.toString();
    }

    /** Such as {@code 42.1 %, 210 MiB/s, 3 min left}. */
    static String movement(JsonNode movement) {
        StringBuilder text = new StringBuilder();
        text.append(percent(movement.path("percent").asDouble()));
        if (movement.path("bytesPerSecond").isNumber()) {
            text.append(", ")
                    .append(Sizes.format(movement.path("bytesPerSecond").asLong()))
                    .append("/s");
        }
        if (movement.path("secondsLeft").isNumber()) {
            text.append(", ")
                    .append(duration(movement.path("secondsLeft").asLong()))
                    .append(" left");
        }
        return text.toString();
    }

    /** Such as {@code 42.1 %} or {@code 3 min ago}; empty before the owner's first. */
    private static String scrubNow(JsonNode scrub) {
        if (scrub.path("underWay").asBoolean()) {
            double pages = Math.max(1, scrub.path("pages").asLong());
            double percent = Math.floor(1000 * scrub.path("pagesDone").asLong() / pages) / 10;
            return percent(percent);
        }
        JsonNode ended = scrub.path("endedSecondsAgo");
        return ended.isNumber() ? duration(ended.asLong()) + " ago" : "";
    }

    /** The same with what its owner has found since it began. */
    static String scrub(JsonNode scrub) {
        if (!scrub.isObject()) {
            return "";
        }
        String now = scrubNow(scrub);
        return "%s: %s blocks compared, %s fragments wrong, %s repaired, %s strays freed"
                .formatted(
                        now.isEmpty() ? "none yet" : now,
                        text(scrub, "blocks"),
                        text(scrub, "faults"),
                        text(scrub, "repaired"),
                        text(scrub, "strays"));
    }

    static String scrubTaken(JsonNode taken) {
        return "the owner of volume %s, node %s, scrubs it; %s%n"
                .formatted(text(taken, "volume"), text(taken, "owner"), text(taken, "note"));
    }

    private static String duration(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        long minutes = seconds / 60;
        return minutes < 120 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
    }

    /** Such as {@code slot 4 on node 2, slot 5 on node 2}. */
    static String behind(JsonNode volume) {
        List<String> slots = new ArrayList<>();
        for (JsonNode slot : volume.path("behindSlots")) {
            slots.add("slot %s on node %s".formatted(text(slot, "slot"), text(slot, "node")));
        }
        return String.join(", ", slots);
    }

    /** Whether a node may be stopped, and what each volume could lose then. */
    static String stopCheck(JsonNode check) {
        StringBuilder text = new StringBuilder();
        text.append(check.path("ok").asBoolean() ? "yes: " : "no: ")
                .append(text(check, "reason"))
                .append('\n');
        if (check.path("volumes").isEmpty()) {
            return text.toString();
        }
        Table table = new Table("VOLUME", "STAYS", "SURVIVES THEN");
        for (JsonNode volume : check.path("volumes")) {
            table.row(
                    text(volume, "name"),
                    volume.path("ok").asBoolean() ? "yes" : "no",
                    survives(volume));
        }
        return text.append('\n').append(table).toString();
    }

    static String volumes(JsonNode volumes) {
        Table table =
                new Table(
                        "VOLUME",
                        "STATE",
                        "SIZE",
                        "LBA",
                        "SCHEME",
                        "OWNER",
                        "PATHS",
                        "SURVIVES",
                        "SCRUB",
                        "MOVES");
        for (JsonNode volume : volumes) {
            table.row(
                    text(volume, "name"),
                    state(volume),
                    size(volume),
                    text(volume, "lbaBytes"),
                    text(volume, "scheme"),
                    text(volume, "owner"),
                    join(volume.path("paths")),
                    survives(volume),
                    scrubNow(volume.path("scrub")),
                    volume.path("movement").isObject() ? movement(volume.path("movement")) : "");
        }
        return table.toString();
    }

    /**
     * A volume that nobody serves is not online for a host, whatever the map wants it to be; and
     * without a leader nobody can tell. One that is served may have blocks that nobody can read.
     */
    private static String state(JsonNode volume) {
        String state = word(volume, "state");
        JsonNode serving = volume.path("serving");
        if (!state.equals("online") || serving.isMissingNode()) {
            return state;
        }
        if (serving.isNull()) {
            return "unknown";
        }
        if (!serving.booleanValue()) {
            return "not served";
        }
        return volume.path("blocksMayWait").asBoolean() ? "blocks may wait" : state;
    }

    /** What may be lost from now on; empty where that is not said. */
    static String survives(JsonNode volume) {
        JsonNode survives = volume.path("survives");
        int nodes = survives.path("nodes").asInt();
        int devices = survives.path("devices").asInt();
        if (survives.isMissingNode()) {
            return "";
        }
        if (devices == 0) {
            return "no further loss for certain";
        }
        String anyDevices = any(devices, "device");
        return nodes == 0
                ? anyDevices
                : nodes == devices ? any(nodes, "node") : any(nodes, "node") + ", or " + anyDevices;
    }

    private static String any(int count, String what) {
        return count == 1 ? "any one " + what : "any two " + what + "s";
    }

    /** Everything REST says of one volume, a line each. */
    static String volume(JsonNode volume) {
        StringBuilder text = new StringBuilder();
        int width = 0;
        for (String name : names(volume)) {
            width = Math.max(width, name.length());
        }
        for (String name : names(volume)) {
            JsonNode value = volume.path(name);
            text.append(name).repeat(' ', width - name.length() + 2);
            String shown =
                    switch (name) {
                        case "sizeBytes" -> size(volume);
                        case "serving" -> value.isNull() ? "unknown" : plain(value);
                        case "blocksMayWait" -> blocksMayWait(value);
                        case "survives" -> survives(volume);
                        case "behindSlots" -> behind(volume);
                        case "movement" -> value.isObject() ? movement(value) : "";
                        case "scrub" -> scrub(value);
                        default -> plain(value);
                    };
            text.append(shown.isEmpty() ? "-" : shown).append('\n');
        }
        return text.toString();
    }

    private static String blocksMayWait(JsonNode mayWait) {
        return mayWait.asBoolean()
                ? "yes: too many chunks of some pages may be away or behind, and IO of such blocks waits"
                : "no";
    }

    /** The commands for a Linux host, one for each path. */
    static String connect(JsonNode connect) {
        StringBuilder text = new StringBuilder();
        for (JsonNode path : connect.path("paths")) {
            text.append(
                    "nvme discover -t tcp -a %s -s %s%n"
                            .formatted(text(path, "traddr"), text(path, "trsvcid")));
        }
        for (JsonNode path : connect.path("paths")) {
            text.append(
                    "nvme connect -t tcp -a %s -s %s -n %s %s%n"
                            .formatted(
                                    text(path, "traddr"),
                                    text(path, "trsvcid"),
                                    text(connect, "nqn"),
                                    HOST_OPTIONS));
        }
        return text.toString();
    }

    static String map(JsonNode map) {
        return "epoch %s of cluster %s%n%n%s%n%s%n%s"
                .formatted(
                        text(map, "epoch"),
                        text(map, "clusterId"),
                        mapNodes(map.path("nodes")),
                        slots(map.path("slots")),
                        mapVolumes(map.path("volumes")));
    }

    private static String slots(JsonNode slots) {
        Table table = new Table("SLOT", "NODE", "STATE", "SIZE", "WEIGHT", "DEVICE");
        for (JsonNode slot : slots) {
            table.row(
                    text(slot, "slot"),
                    text(slot, "nodeId"),
                    word(slot, "state"),
                    size(slot),
                    text(slot, "weight"),
                    text(slot, "deviceId"));
        }
        return table.toString();
    }

    /** Such as {@code 4 of 5 online}. */
    private static String count(JsonNode cluster, String field) {
        JsonNode count = cluster.path(field);
        return "%s of %s online".formatted(text(count, "online"), text(count, "total"));
    }

    private static String size(JsonNode node) {
        return Sizes.format(node.path("sizeBytes").asLong());
    }

    static String text(JsonNode node, String field) {
        return plain(node.path(field));
    }

    /** Of an enumeration; the map shows them as it stores them. */
    private static String word(JsonNode node, String field) {
        return text(node, field).toLowerCase(Locale.ROOT);
    }

    private static String plain(JsonNode value) {
        if (value.isArray()) {
            return join(value);
        }
        if (value.isNull()) {
            return "";
        }
        return value.isContainerNode() ? value.toString() : value.asText();
    }

    private static String join(JsonNode values) {
        List<String> all = new ArrayList<>();
        for (JsonNode value : values) {
            all.add(plain(value));
        }
        return String.join(",", all);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
