package io.stria.control.rest;

import io.stria.clustermap.VolumeEntry;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Movements of volumes' chunks as answers; pure but for the rates that it looks up. */
final class MovementViews {
    private final int pageShift;
    private final MoveRates rates;
    private final long nowNs;

    MovementViews(int pageShift, MoveRates rates, long nowNs) {
        this.pageShift = pageShift;
        this.rates = rates;
        this.nowNs = nowNs;
    }

    /** Null when nothing moves. */
    ClusterJson.@Nullable Movement of(VolumeEntry volume) {
        if (!volume.placing().isMoving()) {
            return null;
        }
        long pages = volume.pages(pageShift);
        long cursor = volume.placing().cursor();
        OptionalDouble rate = rates.pagesPerSecond(volume.vuid(), nowNs);
        double pageBytes = volume.scheme().dataFragments() * 512.0 * (1L << pageShift);
        return new ClusterJson.Movement(
                pages,
                cursor,
                Math.floor(1000.0 * cursor / pages) / 10,
                rate.isPresent() ? Math.round(rate.getAsDouble() * pageBytes) : null,
                rate.orElse(0) > 0
                        ? (Long) Math.round((pages - cursor) / rate.getAsDouble())
                        : null);
    }

    Optional<ClusterJson.VolumeMovement> named(VolumeEntry volume) {
        return Optional.ofNullable(of(volume))
                .map(movement -> new ClusterJson.VolumeMovement(volume.name(), movement));
    }
}
