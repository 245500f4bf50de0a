/// What flows through one driver: each publication and each image, with those who read it. Where `streams.hpp` puts
/// together what bears one name, this tells what feeds what, so that a subscriber's lag is known. For `export`.
/// spec: 06 §19.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "tools/streams.hpp"

namespace cpperon::tools {

/// Where the data of a flow comes from.
enum class FlowKind {
    publication,  ///< of a client of this driver
    image,        ///< received from the network
    unknown,      ///< only a subscriber's position is left
};

[[nodiscard]] std::string_view to_string(FlowKind kind) noexcept;

/// One publication or image. Counters are borrowed from the snapshot.
struct Flow {
    FlowKind kind = FlowKind::unknown;
    std::int64_t registration_id = 0;  ///< of the publication or image; of an unknown one 0
    StreamIdentity identity;
    std::vector<const CounterRow*> counters;     ///< its own
    std::vector<const CounterRow*> subscribers;  ///< the positions of those who read it

    /// The value of the first of this type.
    [[nodiscard]] std::optional<std::int64_t> value(std::int32_t type_id) const noexcept;
    /// How far the stream has come: written by its publisher, or received at the farthest.
    [[nodiscard]] std::optional<std::int64_t> head() const noexcept;
    /// How much a publisher may still write before its offers are refused, in bytes. Below 0 where a message went over.
    [[nodiscard]] std::optional<std::int64_t> publication_window() const noexcept;
    /// How much the sender may still send before receivers grant more, in bytes.
    [[nodiscard]] std::optional<std::int64_t> sender_window() const noexcept;
    /// What `subscriber` has yet to read of what is there, in bytes; not below 0, though the two are read one after the
    /// other.
    [[nodiscard]] std::optional<std::int64_t> lag_of(const CounterRow& subscriber) const noexcept;
};

/// The oldest first, which are those with the lowest registration ids. `snapshot` must outlive what is returned.
///
/// A subscriber belongs to the flow that its reference id names; where a driver gives none, to the image, else to the
/// publication, of its session and stream id.
[[nodiscard]] std::vector<Flow> group_flows(const DriverSnapshot& snapshot);

}  // namespace cpperon::tools
