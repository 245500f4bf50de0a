/// The counters of a driver by the stream that their keys and labels name: what `streams` shows. `flows.hpp` tells what
/// they mean together. spec: 06 §24.5
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/snapshot.hpp"

namespace cpperon::tools {

/// One session of one stream of one channel.
struct StreamIdentity {
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string channel;  ///< whole, as labels have it; keys have only the first 92 bytes

    friend auto operator<=>(const StreamIdentity&, const StreamIdentity&) = default;
};

/// Of a counter of a publication, an image or a subscriber's position; nothing for other counters.
[[nodiscard]] std::optional<StreamIdentity> stream_of(const CounterRow& counter);

/// Its counters, by id: of the publication, of the image, and of each subscription. They are borrowed from the
/// snapshot.
struct StreamGroup {
    StreamIdentity identity;
    std::vector<const CounterRow*> counters;
};

/// Sorted by identity. `snapshot` must outlive what is returned.
[[nodiscard]] std::vector<StreamGroup> group_streams(const DriverSnapshot& snapshot);

/// The channel of a counter of a stream, whole as its label has it, else as its key has it; of a counter of a channel,
/// from its key. Nothing for other counters.
[[nodiscard]] std::optional<std::string> channel_of(const CounterRow& counter);

/// `pub-pos (exclusive)` of `pub-pos (exclusive): 11 2106231610 1003 aeron:ipc`; the whole label where it has no colon.
[[nodiscard]] std::string_view counter_name(std::string_view label) noexcept;

}  // namespace cpperon::tools
