#include "cpperon/driver/event_log/logged_transport.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>

namespace cpperon::driver {

namespace {

/// Each datagram of a run.
void log_run(EventLog& log, const EventId id, const net::SocketAddress& address, std::span<const std::byte> run,
             const std::size_t segment_length, const std::int64_t now_ns) noexcept {
    while (!run.empty()) {
        const std::span<const std::byte> datagram = run.first(std::min(run.size(), segment_length));
        log.on_frame(id, address, datagram, now_ns);
        run = run.subspan(datagram.size());
    }
}

class LoggedSocket final : public net::UdpSocket {
public:
    LoggedSocket(std::unique_ptr<net::UdpSocket> inner, const std::optional<net::SocketAddress>& peer,
                 EventLog& log) noexcept
        : inner_(std::move(inner)), peer_(peer.value_or(net::SocketAddress{})), log_(log) {}

    net::SendOutcome send(const std::span<const net::DatagramRun> runs,
                          const net::SocketAddress* const destination) noexcept override {
        if (!log_.is_on(EventId::frame_out)) {
            return inner_->send(runs, destination);
        }
        const std::int64_t now_ns = log_.now_ns();
        const net::SendOutcome outcome = inner_->send(runs, destination);
        std::int64_t sent = outcome.bytes_sent;
        for (const net::DatagramRun& run : runs) {
            const auto length = static_cast<std::size_t>(std::min<std::int64_t>(run.length, sent));
            log_run(log_, EventId::frame_out, destination == nullptr ? peer_ : *destination, {run.data, length},
                    run.segment_length, now_ns);
            sent -= static_cast<std::int64_t>(length);
        }
        return outcome;
    }

    [[nodiscard]] std::optional<ErrorInfo> reconnect(const net::SocketAddress& remote) override {
        std::optional<ErrorInfo> error = inner_->reconnect(remote);
        if (!error) {
            peer_ = remote;
        }
        return error;
    }

    [[nodiscard]] const net::SocketAddress& local_address() const noexcept override { return inner_->local_address(); }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return inner_->send_buffer_length(); }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override {
        return inner_->receive_buffer_length();
    }

    [[nodiscard]] net::UdpSocket& inner() noexcept { return *inner_; }

private:
    std::unique_ptr<net::UdpSocket> inner_;
    net::SocketAddress peer_;  // of a connected socket
    EventLog& log_;
};

/// Logs what it hands on.
class LoggedHandler final : public net::ReceiveHandler {
public:
    LoggedHandler(EventLog& log, net::ReceiveHandler& next) noexcept : log_(log), next_(next) {}

    void on_datagrams(const net::ReceivedRun& run) override {
        if (log_.is_on(EventId::frame_in)) {
            if (run.bytes.empty()) {
                log_.on_frame(EventId::frame_in, run.source, run.bytes, log_.now_ns());
            } else {
                log_run(log_, EventId::frame_in, run.source, run.bytes, run.segment_length, log_.now_ns());
            }
        }
        next_.on_datagrams(run);
    }
    void on_receive_error(const int system_error) override { next_.on_receive_error(system_error); }

private:
    EventLog& log_;
    net::ReceiveHandler& next_;
};

class LoggedPoller final : public net::SocketPoller {
public:
    LoggedPoller(std::unique_ptr<net::SocketPoller> inner, EventLog& log) noexcept
        : inner_(std::move(inner)), log_(log) {}

    void add(net::UdpSocket& socket, net::ReceiveHandler& handler) override {
        auto& logged = static_cast<LoggedSocket&>(socket);
        const auto [added, is_new] =
            handlers_.insert_or_assign(&socket, std::make_unique<LoggedHandler>(log_, handler));
        inner_->add(logged.inner(), *added->second);
    }
    void remove(net::UdpSocket& socket) override {
        inner_->remove(static_cast<LoggedSocket&>(socket).inner());
        handlers_.erase(&socket);
    }
    std::int64_t poll() override { return inner_->poll(); }

private:
    std::unique_ptr<net::SocketPoller> inner_;
    EventLog& log_;
    std::map<const net::UdpSocket*, std::unique_ptr<LoggedHandler>> handlers_;
};

}  // namespace

Result<std::unique_ptr<net::UdpSocket>> LoggedTransport::open(const net::SocketSpec& spec) {
    Result<std::unique_ptr<net::UdpSocket>> socket = inner_.open(spec);
    if (!socket) {
        return socket;
    }
    return std::unique_ptr<net::UdpSocket>{
        std::make_unique<LoggedSocket>(std::move(socket).value(), spec.connect_to, log_)};
}

std::unique_ptr<net::SocketPoller> LoggedTransport::make_poller(const std::size_t batches_per_poll) {
    return std::make_unique<LoggedPoller>(inner_.make_poller(batches_per_poll), log_);
}

}  // namespace cpperon::driver
