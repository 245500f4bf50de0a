/// Fuzz target: the bytes of a `cnc.dat` as another process may have written them. A file that is accepted must be safe
/// to use in every way a tool uses one, and its sections must lie inside it. spec: 01 §3
///
/// Build with clang's `-fsanitize=fuzzer,address,undefined`.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <unistd.h>

#include "cpperon/shm/broadcast_receiver.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/loss_report_reader.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace {

using namespace cpperon;

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// One file for the whole run, removed at its end.
class InputFile {
public:
    InputFile() : path_("/dev/shm/cpperon-cnc-fuzz-" + std::to_string(::getpid())) {}
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;
    ~InputFile() { ::unlink(path_.c_str()); }

    const std::string& with(const std::uint8_t* const data, const std::size_t size) const {
        const int descriptor = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        require(descriptor >= 0 && ::write(descriptor, data, size) == static_cast<ssize_t>(size));
        ::close(descriptor);
        return path_;
    }

private:
    std::string path_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    static const InputFile file;
    shm::CncOpening opening = shm::CncFile::try_open(file.with(data, size), Access::read_write);
    require(opening.file.has_value() == (opening.status == shm::CncOpenStatus::ready));
    if (!opening.file) {
        require(opening.error.code != ErrorCode::none && !opening.error.message.empty());
        return 0;
    }
    const shm::CncFile& cnc = *opening.file;
    require(cnc.layout().end() <= static_cast<std::int64_t>(size));

    const CountersReader counters{cnc.counters_metadata(), cnc.counters_values()};
    counters.for_each([&](const CounterView& counter) { require(counter.label.size() <= 380); });
    static_cast<void>(counters.find(11, 1));
    ErrorLogReader{cnc.error_log()}.for_each(
        [&](const ErrorObservation& error) { require(error.text.size() < cnc.error_log().size()); });

    shm::BroadcastReceiver receiver{cnc.to_clients_buffer()};
    for (int i = 0; i < 4; ++i) {
        static_cast<void>(receiver.receive(
            [&](auto, const auto payload) { require(payload.size() <= cnc.to_clients_buffer().size()); }));
    }
    shm::ManyToOneRingBuffer ring{cnc.to_driver_buffer()};
    for (int i = 0; i < 4; ++i) {
        ring.unblock();
        static_cast<void>(ring.write(1, {}));
        ring.consume(
            [&](auto, const auto payload) {
                require(payload.size() <= static_cast<std::size_t>(ring.max_message_length()));
            },
            8);
    }
    // The same bytes, as a loss report.
    LossReportReader{cnc.counters_values()}.for_each(
        [&](const LossObservation& loss) { require(loss.channel.size() < cnc.counters_values().size()); });
    return 0;
}
