/// What the counters of a stream say together: how far each party is, how far behind, how much it may go on, and what
/// was lost on the way. For `stat --streams` and `backlog`. spec: 06 §19.3, §24.4
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/counter_rates.hpp"
#include "tools/streams.hpp"

namespace cpperon::tools {

/// Who takes part in a stream, as far as one driver sees it.
enum class StreamRole {
    publisher,   ///< puts messages into the log
    sender,      ///< of a driver: sends the log
    receiver,    ///< of a driver: rebuilds the log
    subscriber,  ///< reads the log, published here or received
};

[[nodiscard]] std::string_view to_string(StreamRole role) noexcept;

/// One of them. Counters are looked at one after the other while they move: differences that came out negative are 0.
/// All in bytes.
struct StreamParty {
    StreamRole role = StreamRole::publisher;
    std::int64_t registration_id = 0;                  ///< of the publication, image or subscription
    const CounterRow* position = nullptr;              ///< how far it is; never null
    std::optional<std::int64_t> behind{};              ///< of the publisher; of the highest byte received; of the log
    std::optional<std::int64_t> window_left{};         ///< what it may go on until it is held back
    const CounterRow* back_pressure_events = nullptr;  ///< of a sender: how often it was held back
    const CounterRow* naks = nullptr;                  ///< of a sender received, of a receiver sent
    std::optional<std::int64_t> bytes_lost{};          ///< of a receiver: from the loss report
};

/// One session of a stream with all who take part in it.
struct StreamFigures {
    StreamIdentity identity;
    std::vector<StreamParty> parties;         ///< in the order of the roles
    std::vector<const CounterRow*> counters;  ///< all of it
};

/// Sorted by identity. A subscriber stands with the publication or image that it reads, even where its channel is
/// written differently. Borrows from `snapshot`.
[[nodiscard]] std::vector<StreamFigures> stream_figures(const DriverSnapshot& snapshot);

/// With the rates where there are some.
[[nodiscard]] nlohmann::json as_json(const StreamFigures& stream, const CounterRates& rates);

}  // namespace cpperon::tools
