/// Fuzz target: the bytes of a `cnc.dat` as another process may have written them. A file that is accepted must be safe
/// to use in every way a client or a tool uses one, and its sections must lie inside it. The same bytes serve as the
/// loss report beside it. spec: 01 §3, 07 §B.11
///
/// Build with clang's `-fsanitize=fuzzer,address,undefined`.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

#include "cpperon/shm/broadcast_receiver.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/cnc_reader.hpp"
#include "cpperon/shm/counter_keys.hpp"
#include "cpperon/shm/counters_reader.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/error_log_reader.hpp"
#include "cpperon/shm/loss_report_reader.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"
#include "cpperon/shm/system_counters_reader.hpp"

namespace {

using namespace cpperon;

void require(const bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// One directory of a driver for the whole run, removed at its end.
class DriverDirectory {
public:
    DriverDirectory() : path_("/dev/shm/cpperon-cnc-fuzz-" + std::to_string(::getpid())) {
        require(::mkdir(path_.c_str(), 0700) == 0);
    }
    DriverDirectory(const DriverDirectory&) = delete;
    DriverDirectory& operator=(const DriverDirectory&) = delete;
    ~DriverDirectory() {
        ::unlink(cnc_path().c_str());
        ::unlink(loss_report_path().c_str());
        ::rmdir(path_.c_str());
    }

    [[nodiscard]] const std::string& path() const { return path_; }
    [[nodiscard]] std::string cnc_path() const { return shm::cnc_path(path_); }

    void fill(const std::uint8_t* const data, const std::size_t size) const {
        write(cnc_path(), data, size);
        write(loss_report_path(), data, size);
    }

private:
    [[nodiscard]] std::string loss_report_path() const { return shm::loss_report_path(path_); }
    static void write(const std::string& path, const std::uint8_t* const data, const std::size_t size) {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        require(descriptor >= 0 && ::write(descriptor, data, size) == static_cast<ssize_t>(size));
        ::close(descriptor);
    }

    std::string path_;
};

void decode_key(const CounterView& counter) {
    if (const auto stream = StreamCounterKey::decode(counter.type_id, counter.key)) {
        require(StreamCounterKey::decode(counter.type_id, stream->encode()) == stream);
    }
    if (const auto channel = ChannelCounterKey::decode(counter.type_id, counter.key)) {
        require(ChannelCounterKey::decode(counter.type_id, channel->encode()) == channel);
    }
    if (const auto address = LocalSocketAddressKey::decode(counter.type_id, counter.key)) {
        require(LocalSocketAddressKey::decode(counter.type_id, address->encode()) == address);
    }
    if (const auto name = NameEntryKey::decode(counter.type_id, counter.key)) {
        require(NameEntryKey::decode(counter.type_id, name->encode()) == name);
    }
}

/// As a tool: read-only, without a client.
void read_as_a_tool(const CncFile& cnc, const std::size_t size) {
    const CncConstants& constants = cnc.constants();
    require(constants.cnc_version.major == 0);
    require(std::size_t{128} + static_cast<std::size_t>(constants.to_driver_buffer_length) +
                static_cast<std::size_t>(constants.to_clients_buffer_length) +
                static_cast<std::size_t>(constants.counters_metadata_buffer_length) +
                static_cast<std::size_t>(constants.counters_values_buffer_length) +
                static_cast<std::size_t>(constants.error_log_buffer_length) <=
            size);
    static_cast<void>(cnc.is_driver_active(std::chrono::seconds{10}));
    const CountersReader counters = cnc.counters();
    counters.for_each([&](const CounterView& counter) {
        require(counter.label.size() <= 380 && counters.value_of(counter.identity()) == counter.value);
        decode_key(counter);
    });
    for_each_system_counter(
        counters, [](const SystemCounter counter, const CounterView&) { require(to_string(counter).size() < 100); });
    static_cast<void>(system_counter_value(counters, SystemCounter::errors));
    cnc.for_each_error([&](const ErrorObservation& error) { require(error.text.size() < size); });
    cnc.for_each_loss([&](const LossObservation& loss) { require(loss.channel.size() + loss.source.size() < size); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* const data, const std::size_t size) {
    static const DriverDirectory directory;
    directory.fill(data, size);
    const Result<CncFile> of_a_tool = CncFile::try_open(directory.path());
    if (of_a_tool) {
        read_as_a_tool(*of_a_tool, size);
    }
    shm::CncOpening opening = shm::CncFile::try_open(directory.cnc_path(), Access::read_write);
    require(opening.file.has_value() == (opening.status == shm::CncOpenStatus::ready));
    require(opening.file.has_value() == of_a_tool.has_value());
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
