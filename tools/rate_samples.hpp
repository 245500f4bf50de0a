/// Readings of a growing number over time, and the rates between them. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cpperon::tools {

/// Keeps a bounded number of readings: when there are too many, every second one is forgotten, and readings are kept
/// half as often from then on.
class RateSamples {
public:
    static constexpr std::size_t limit = 1'000;

    /// `time_ns` grows.
    void add(const std::int64_t time_ns, const std::int64_t total) {
        if (seen_++ % stride_ != 0) {
            return;
        }
        readings_.emplace_back(time_ns, total);
        if (readings_.size() >= limit) {
            std::size_t kept = 0;
            for (std::size_t i = 0; i < readings_.size(); i += 2) {
                readings_[kept++] = readings_[i];
            }
            readings_.resize(kept);
            stride_ *= 2;
        }
    }

    /// Seconds since the first reading, in the middle between two, and the rate per second there.
    [[nodiscard]] std::vector<std::pair<double, double>> rates() const {
        std::vector<std::pair<double, double>> result;
        for (std::size_t i = 1; i < readings_.size(); ++i) {
            const auto& [from_ns, before] = readings_[i - 1];
            const auto& [to_ns, after] = readings_[i];
            const auto elapsed_s = static_cast<double>(to_ns - from_ns) / 1e9;
            const auto middle_s = static_cast<double>(from_ns - readings_.front().first) / 1e9 + elapsed_s / 2;
            if (elapsed_s > 0) {
                result.emplace_back(middle_s, static_cast<double>(after - before) / elapsed_s);
            }
        }
        return result;
    }

private:
    std::vector<std::pair<std::int64_t, std::int64_t>> readings_;
    std::int64_t seen_ = 0;
    std::int64_t stride_ = 1;
};

}  // namespace cpperon::tools
