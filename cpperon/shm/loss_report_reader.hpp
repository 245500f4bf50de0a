/// Reads `loss-report.dat`, ours or a reference driver's: for tools. spec: 01 §8.3
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>

namespace cpperon {

/// The losses of one image. The texts lie in the report; they are valid until the handler returns.
struct LossObservation {
    std::int64_t count = 0;
    std::int64_t total_bytes_lost = 0;
    std::int64_t first_ms = 0;  ///< epoch
    std::int64_t last_ms = 0;   ///< epoch
    std::int32_t session_id = 0;
    std::int32_t stream_id = 0;
    std::string_view channel;
    std::string_view source;
};

/// Walks over one report. It owns nothing: the mapping must outlive it. Reads only. An entry with an impossible length
/// ends the report. Threads: any number at the same time, also while a driver writes.
class LossReportReader {
public:
    /// `report`: 8-byte aligned; throws `InvalidArgumentError` otherwise.
    explicit LossReportReader(std::span<const std::byte> report);

    /// Calls `handler(const LossObservation&)` for each image that lost data, oldest first; returns how many.
    template <typename Handler>
    requires std::is_invocable_v<Handler&, const LossObservation&>
    int for_each(Handler&& handler) const {
        int reported = 0;
        std::int64_t offset = 0;
        while (const std::optional<LossObservation> observation = next(offset)) {
            ++reported;
            handler(*observation);
        }
        return reported;
    }

private:
    /// The entry at `offset`, which moves to the one behind it; nothing where the report ends.
    [[nodiscard]] std::optional<LossObservation> next(std::int64_t& offset) const noexcept;

    std::span<const std::byte> report_;
};

}  // namespace cpperon
