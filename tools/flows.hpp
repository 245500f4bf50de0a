/// What flows through one driver: each publication and each image, with those who read it; how far each of them is, how
/// far behind, and how much it may go on. Where `streams.hpp` puts together what bears one name, this tells what feeds
/// what. For `export`, `stat --streams` and `backlog`. spec: 06 §19.3, §24.4
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

/// One publication or image. Counters are borrowed from the snapshot. Differences are of counters that were read one
/// after the other while they move.
struct Flow {
    FlowKind kind = FlowKind::unknown;
    std::int64_t registration_id = 0;  ///< of the publication or image; of an unknown one 0
    StreamIdentity identity;
    std::vector<const CounterRow*> counters;     ///< its own
    std::vector<const CounterRow*> subscribers;  ///< the positions of those who read it

    /// The first of this type; null if there is none. See `counter_type`.
    [[nodiscard]] const CounterRow* find(std::int32_t type_id) const noexcept;
    /// Its value.
    [[nodiscard]] std::optional<std::int64_t> value(std::int32_t type_id) const noexcept;
    /// How far the stream has come: written by its publisher, or received at the farthest.
    [[nodiscard]] std::optional<std::int64_t> head() const noexcept;
    /// How much a publisher may still write before its offers are refused, in bytes. Below 0 where a message went over.
    [[nodiscard]] std::optional<std::int64_t> publication_window() const noexcept;
    /// How much the sender may still send before receivers grant more, in bytes.
    [[nodiscard]] std::optional<std::int64_t> sender_window() const noexcept;
    /// How far one of its positions, or that of a subscriber, is from the head, in bytes; not below 0.
    [[nodiscard]] std::optional<std::int64_t> lag_of(const CounterRow& position) const noexcept;
};

/// The oldest first, which are those with the lowest registration ids. `snapshot` must outlive what is returned.
///
/// A subscriber belongs to the flow that its reference id names; where a driver gives none, to the image, else to the
/// publication, of its session and stream id.
[[nodiscard]] std::vector<Flow> group_flows(const DriverSnapshot& snapshot);

/// Who takes part in a stream, as far as one driver sees it.
enum class StreamRole {
    publisher,   ///< puts messages into the log
    sender,      ///< of a driver: sends the log
    receiver,    ///< of a driver: rebuilds the log
    subscriber,  ///< reads the log, published here or received
};

[[nodiscard]] std::string_view to_string(StreamRole role) noexcept;

/// One of them. All in bytes, and not below 0.
struct StreamParty {
    StreamRole role = StreamRole::publisher;
    std::int64_t registration_id = 0;                  ///< of the publication, image or subscription
    const CounterRow* position = nullptr;              ///< how far it is; never null
    std::optional<std::int64_t> behind{};              ///< the head of its flow; not of a publisher
    std::optional<std::int64_t> window_left{};         ///< what it may go on until it is held back
    const CounterRow* back_pressure_events = nullptr;  ///< of a sender: how often it was held back
    const CounterRow* naks = nullptr;                  ///< of a sender received, of a receiver sent
    std::optional<std::int64_t> bytes_lost{};          ///< of a receiver: from the loss report
};

/// One session of a stream: the flows of one identity, with all who take part in them.
struct StreamParties {
    StreamIdentity identity;
    std::vector<StreamParty> parties;         ///< in the order of the roles, the oldest first
    std::vector<const CounterRow*> counters;  ///< of all flows
};

/// Sorted by identity. A subscriber stands with the publication or image that it reads, even where its channel is
/// written differently. Borrows from `snapshot`.
[[nodiscard]] std::vector<StreamParties> parties_by_stream(const DriverSnapshot& snapshot);

}  // namespace cpperon::tools
