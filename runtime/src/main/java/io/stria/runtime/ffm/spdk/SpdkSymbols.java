package io.stria.runtime.ffm.spdk;

import java.util.List;

/** The functions of SPDK that this package calls; as in {@code src/spdk/includes.txt}. */
final class SpdkSymbols {
    static final List<String> ALL =
            List.of(
                    "spdk_env_opts_init",
                    "spdk_env_init",
                    "spdk_dma_zmalloc",
                    "spdk_dma_free",
                    "spdk_log_set_print_level",
                    "spdk_pci_addr_parse",
                    "spdk_nvme_transport_id_parse",
                    "spdk_nvme_transport_get_opts",
                    "spdk_nvme_transport_set_opts",
                    "spdk_nvme_ctrlr_get_default_ctrlr_opts",
                    "spdk_nvme_connect",
                    "spdk_nvme_detach_async",
                    "spdk_nvme_detach_poll_async",
                    "spdk_nvme_ctrlr_get_ns",
                    "spdk_nvme_ctrlr_disconnect",
                    "spdk_nvme_ctrlr_reconnect_async",
                    "spdk_nvme_ctrlr_reconnect_poll_async",
                    "spdk_nvme_ctrlr_fail",
                    "spdk_nvme_ctrlr_process_admin_completions",
                    "spdk_nvme_ctrlr_get_default_io_qpair_opts",
                    "spdk_nvme_ctrlr_alloc_io_qpair",
                    "spdk_nvme_ctrlr_free_io_qpair",
                    "spdk_nvme_ctrlr_disconnect_io_qpair",
                    "spdk_nvme_ctrlr_reconnect_io_qpair",
                    "spdk_nvme_qpair_process_completions",
                    "spdk_nvme_ns_is_active",
                    "spdk_nvme_ns_get_data",
                    "spdk_nvme_ns_get_flags",
                    "spdk_nvme_ns_get_num_sectors",
                    "spdk_nvme_ns_get_sector_size",
                    "spdk_nvme_ns_get_extended_sector_size",
                    "spdk_nvme_ns_get_md_size",
                    "spdk_nvme_ns_get_pi_type",
                    "spdk_nvme_ns_cmd_read_with_md",
                    "spdk_nvme_ns_cmd_write_with_md",
                    "spdk_nvme_ns_cmd_write_zeroes",
                    "spdk_nvme_ns_cmd_dataset_management",
                    "spdk_nvme_ns_cmd_flush",
                    "spdk_nvme_ns_cmd_reservation_register",
                    "spdk_nvme_ns_cmd_reservation_acquire",
                    "spdk_nvme_ns_cmd_reservation_report");

    private SpdkSymbols() {}
}
