/// The counter by which a client shows its driver that it lives. The driver makes it with the client's first resource;
/// the client finds it and stores the time into it. Used by the conductor. spec: 01 §9.2, 02 §10.4
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cpperon/shm/counters_reader.hpp"

namespace cpperon::client {

/// Threads: one.
class ClientHeartbeat {
public:
    enum class Outcome {
        stored,
        not_found,  ///< the driver has not made it yet: nothing to keep alive either
        lost,       ///< it was ours and is not any more: the driver has dropped this client
    };

    /// `metadata`, `values`: the counters sections, which must outlive the object. `name`: for the label.
    ClientHeartbeat(std::span<std::byte> metadata, std::span<std::byte> values, std::int64_t client_id,
                    std::string_view name);

    /// Stores the time, after having made sure that the counter is still this client's: it belongs to the driver, which
    /// may have given it to somebody else. When found first, the client's name is appended to its label.
    [[nodiscard]] Outcome beat(std::int64_t now_ms);

private:
    [[nodiscard]] bool is_own(std::int32_t id) const;
    [[nodiscard]] std::optional<std::int32_t> find() const;

    // Constant after construction.
    std::span<std::byte> metadata_;
    std::span<std::byte> values_;
    CountersReader reader_;
    std::int64_t client_id_;
    std::string label_suffix_;

    std::optional<std::int32_t> id_;
};

}  // namespace cpperon::client
