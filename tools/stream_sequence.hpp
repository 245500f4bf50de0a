/// Numbers in messages, by which the receiving end of `cpperon throughput` sees which are missing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

namespace cpperon::tools {

/// What is in front of each message. Of this program's own: nobody else reads it.
struct SequenceHeader {
    static constexpr std::int64_t expected_magic = 0x7468'726f'7567'6870;

    std::int64_t magic = expected_magic;
    std::int64_t run_id = 0;    ///< of one publisher
    std::int64_t sequence = 0;  ///< from 0
};

/// Follows the messages of any number of publishers; those of other programs are let pass. One thread.
class SequenceTracker {
public:
    void on_message(const std::span<const std::byte> message) {
        SequenceHeader header{};
        if (message.size() < sizeof(header)) {
            return;
        }
        std::memcpy(&header, message.data(), sizeof(header));
        if (header.magic != SequenceHeader::expected_magic) {
            return;
        }
        Run& run = find(header);
        // A stream keeps the order of its messages: what was jumped over does not come any more.
        missing_ += std::max<std::int64_t>(header.sequence - run.next, 0);
        run.next = header.sequence + 1;
    }

    /// Before the last message of each publisher, and after the first that was seen; nothing if there was no number.
    [[nodiscard]] std::optional<std::int64_t> missing() const noexcept {
        return runs_.empty() ? std::nullopt : std::optional{missing_};
    }

    /// The number behind the last one of this publisher; 0 if none came.
    [[nodiscard]] std::int64_t next_of(const std::int64_t run_id) const noexcept {
        for (const Run& run : runs_) {
            if (run.run_id == run_id) {
                return run.next;
            }
        }
        return 0;
    }

private:
    struct Run {
        std::int64_t run_id = 0;
        std::int64_t next = 0;
    };

    Run& find(const SequenceHeader& header) {
        if (last_ < runs_.size() && runs_[last_].run_id == header.run_id) {
            return runs_[last_];
        }
        const auto found =
            std::find_if(runs_.begin(), runs_.end(), [&header](const Run& run) { return run.run_id == header.run_id; });
        last_ = static_cast<std::size_t>(found - runs_.begin());
        if (found == runs_.end()) {
            runs_.push_back({header.run_id, header.sequence});
        }
        return runs_[last_];
    }

    std::vector<Run> runs_;
    std::size_t last_ = 0;  // whose message came last
    std::int64_t missing_ = 0;
};

}  // namespace cpperon::tools
