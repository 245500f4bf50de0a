/// What `cpperon doctor` finds out about a machine, before it judges: a plain value, so that judgement can be tried on
/// machines that nobody has. What could not be found out is left empty.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cpperon::tools {

/// Soft limit of a resource; nothing: unlimited.
using ResourceLimit = std::optional<std::int64_t>;

/// The file system that the directory of the driver is on.
struct StorageFacts {
    std::string path;
    std::string type;  ///< `tmpfs`, `hugetlbfs`, or `other`
    std::int64_t total = 0;
    std::int64_t free = 0;  ///< for this user
};

/// What became of a run of datagrams that was sent over loopback as one buffer.
struct OffloadFacts {
    bool is_cut = false;     ///< the kernel takes a run and sends it (GSO)
    bool is_joined = false;  ///< the kernel hands over a run at once (GRO)
    std::string reason;      ///< why not, where one of them is false
};

/// The directory of a driver that is in no use any more.
struct LeftoverFacts {
    std::string path;
    std::string state;        ///< `dead` or `closed`
    std::int64_t length = 0;  ///< of its files
};

struct MachineFacts {
    // The configuration that is asked about.
    std::string configuration_error{};  ///< empty: a driver would take it

    // Memory and storage.
    std::optional<StorageFacts> storage{};
    std::optional<std::int64_t> memory_limit{};  ///< of the control group
    std::optional<std::int64_t> swap_total{};
    std::optional<std::int64_t> swap_used{};
    std::optional<std::int64_t> swappiness{};
    std::string transparent_huge_pages{};  ///< `always`, `madvise`, `never`
    std::vector<LeftoverFacts> leftovers{};

    // Network.
    std::optional<std::int64_t> rmem_max{};
    std::optional<std::int64_t> wmem_max{};
    std::optional<std::int64_t> granted_receive_buffer{};  ///< for the length that is configured
    std::optional<std::int64_t> granted_send_buffer{};
    std::optional<OffloadFacts> offload{};
    std::vector<std::string> multicast_interfaces{};  ///< that are up, but for loopback
    std::optional<bool> has_multicast_route{};

    // Processors.
    std::vector<int> allowed_processors{};  ///< for this process
    std::vector<int> isolated_processors{};
    std::optional<double> processor_quota{};  ///< of the control group
    std::vector<std::string> governors{};     ///< distinct ones of allowed processors

    // Time.
    std::string clock_source{};
    std::vector<std::string> available_clock_sources{};
    std::optional<double> clock_cost_ns{};  ///< of one look at the monotonic clock
    std::optional<bool> is_clock_synchronised{};
    std::optional<std::int64_t> clock_error_us{};  ///< estimated, where it is synchronised

    // Limits of processes.
    ResourceLimit locked_memory_limit{};
    ResourceLimit open_files_limit{};
    ResourceLimit file_length_limit{};
};

}  // namespace cpperon::tools
