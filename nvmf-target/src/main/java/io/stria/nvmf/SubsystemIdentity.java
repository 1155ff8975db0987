package io.stria.nvmf;

import io.stria.nvme.IdentifyController;
import io.stria.nvme.NamespaceDescriptors;
import java.util.UUID;

/**
 * How a subsystem calls itself: the same on every node that presents it, for hosts take paths with
 * different answers for different disks.
 *
 * @param serial at most 20 characters
 * @param model at most 40 characters
 * @param firmware at most 8 characters
 * @param uuid of the namespace; its bytes are the NGUID too
 */
public record SubsystemIdentity(
        String nqn, String serial, String model, String firmware, UUID uuid) {
    public static final String MODEL = "Stria";

    public SubsystemIdentity {
        check("serial", serial, IdentifyController.SN_BYTES);
        check("model", model, IdentifyController.MN_BYTES);
        check("firmware", firmware, IdentifyController.FR_BYTES);
    }

    private static void check(String field, String text, int charactersMax) {
        boolean printable = text.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (text.isBlank() || text.length() > charactersMax || !printable) {
            throw new IllegalArgumentException(
                    "%s \"%s\" is not 1 to %d printable characters"
                            .formatted(field, text, charactersMax));
        }
    }

    /** Serial from the UUID's first 80 bits. */
    public static SubsystemIdentity of(String nqn, UUID uuid, String firmware) {
        String serial = uuid.toString().replace("-", "").substring(0, 20);
        return new SubsystemIdentity(nqn, serial, MODEL, firmware, uuid);
    }

    byte[] nguid() {
        return NamespaceDescriptors.bytes(uuid);
    }
}
