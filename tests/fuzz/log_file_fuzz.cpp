/// Fuzzes what is mapped from others: a log with hostile metadata and terms must be refused, or be read, written,
/// cleaned and unblocked without touching a byte outside of it. Input: 512 bytes of metadata, 8 of a position, then
/// frames that are laid over the first partition.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "cpperon/logbuffer/availability_scan.hpp"
#include "cpperon/logbuffer/concurrent_appender.hpp"
#include "cpperon/logbuffer/exclusive_appender.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/logbuffer/gap_scan.hpp"
#include "cpperon/logbuffer/image_reader.hpp"
#include "cpperon/logbuffer/log_view.hpp"
#include "cpperon/logbuffer/publication_limit.hpp"
#include "cpperon/logbuffer/tail.hpp"
#include "cpperon/logbuffer/unblocker.hpp"

namespace {

using namespace cpperon;             // NOLINT(google-build-using-namespace): a program of its own
using namespace cpperon::logbuffer;  // NOLINT(google-build-using-namespace)

constexpr std::size_t log_bytes = static_cast<std::size_t>(log_length(min_term_length, 4'096));

void read_all(const LogView& log, std::int64_t position) {
    std::size_t bytes = 0;
    const auto count = [&](const std::span<const std::byte> message, const Header& header) {
        for (const std::byte byte : message) {
            bytes += std::to_integer<std::size_t>(byte);
        }
        bytes += static_cast<std::size_t>(header.values().frame_length) + static_cast<std::size_t>(header.position());
    };
    FragmentAssembler assembler{count};
    ImageReader reader{log, position, 1};
    reader.poll(assembler, 4'096);
    reader.bounded_poll(count, position + 4'096, 4'096);
    reader.block_poll([](auto, int, int) {}, 1 << 20);
    ControlledFragmentAssembler controlled{[&](const std::span<const std::byte> message, const Header& header) {
        count(message, header);
        return message.size() % 3 == 0 ? ControlledAction::abort : ControlledAction::commit;
    }};
    reader.controlled_poll(controlled, 4'096);
}

void write_some(const LogView& log) {
    const std::int64_t limit = INT64_MAX;
    const std::vector<std::byte> message(3'000);
    ConcurrentAppender concurrent{log, limit, 1, 2};
    ExclusiveAppender exclusive{log, limit, 1, 2};
    for (const std::size_t length : {0U, 5U, 32U, 100U, 3'000U}) {
        const auto part = std::span<const std::byte>{message}.first(length);
        static_cast<void>(concurrent.offer(part));
        static_cast<void>(exclusive.offer(part));
    }
    static_cast<void>(exclusive.append_padding(64));
    static_cast<void>(concurrent.position());
    static_cast<void>(exclusive.position());
}

void drive(const LogView& log, const std::int64_t position) {
    const std::int32_t offset = term_offset_of_position(position, log.term_length()) & ~(frame_alignment - 1);
    static_cast<void>(scan_availability(log.term(0).data() + offset, log.term_length() - offset, 1'408));
    static_cast<void>(scan_for_gap(log.term(0), offset, log.term_length()));
    static_cast<void>(producer_position(log));
    unblock_log(log, position);
    TermCleaner cleaner{log, 0};
    IpcPublicationLimit limit{0, 32'768};
    static_cast<void>(limit.update(PositionRange{position, position}, cleaner));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    const std::unique_ptr<std::byte, decltype(&std::free)> memory{
        static_cast<std::byte*>(std::aligned_alloc(4'096, log_bytes)), &std::free};
    std::memset(memory.get(), 0, log_bytes);
    std::memcpy(memory.get() + (log_bytes - metadata_length), data, std::min(size, sizeof(LogMetadata)));
    std::int64_t position = 0;
    if (size >= sizeof(LogMetadata) + sizeof position) {
        std::memcpy(&position, data + sizeof(LogMetadata), sizeof position);
        const std::size_t frames = size - sizeof(LogMetadata) - sizeof position;
        std::memcpy(memory.get(), data + sizeof(LogMetadata) + sizeof position,
                    std::min<std::size_t>(frames, min_term_length));
    }
    const Result<LogView> log = LogView::attach({memory.get(), log_bytes}, "fuzz");
    if (log) {
        read_all(*log, position & (max_possible_position(log->term_length()) - 1));
        write_some(*log);
        drive(*log, position);
        read_all(*log, position & (max_possible_position(log->term_length()) - 1));
    }
    return 0;
}
