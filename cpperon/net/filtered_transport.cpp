#include "cpperon/net/filtered_transport.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace cpperon::net {

namespace {

bool is_lost(const FilterChain& chain, const std::span<const std::byte> datagram, const SocketAddress& peer) {
    return std::any_of(chain.begin(), chain.end(), [&](const auto& filter) { return filter->loses(datagram, peer); });
}

/// Takes a run apart where the fate of its datagrams changes: calls `visit(part, is_lost)` for each part, in order,
/// until one answers false. The filters have decided about a part and the datagram behind it when it is visited.
template <typename Byte, typename Visit>
void visit_parts(const std::span<Byte> run, const std::size_t segment_length, const FilterChain& chain,
                 const SocketAddress& peer, const Visit& visit) {
    std::size_t part_begin = 0;
    bool is_part_lost = false;
    for (std::size_t begin = 0; begin < run.size(); begin += segment_length) {
        const bool is_this_lost =
            is_lost(chain, run.subspan(begin, std::min(segment_length, run.size() - begin)), peer);
        if (begin != part_begin && is_this_lost != is_part_lost) {
            if (!visit(run.subspan(part_begin, begin - part_begin), is_part_lost)) {
                return;
            }
            part_begin = begin;
        }
        is_part_lost = is_this_lost;
    }
    visit(run.subspan(part_begin), is_part_lost);
}

class FilteredSocket final : public UdpSocket {
public:
    FilteredSocket(std::unique_ptr<UdpSocket> inner, const std::optional<SocketAddress>& peer, SocketFilters filters)
        : inner_(std::move(inner)), peer_(peer.value_or(SocketAddress{})), filters_(std::move(filters)) {}

    SendOutcome send(const std::span<const DatagramRun> runs,
                     const SocketAddress* const destination) noexcept override {
        if (filters_.outgoing.empty()) {
            return inner_->send(runs, destination);
        }
        SendOutcome outcome{.is_complete = true};
        for (const DatagramRun& run : runs) {
            send_rest(run, destination, outcome);
            if (!outcome.is_complete) {
                break;
            }
        }
        return outcome;
    }

    [[nodiscard]] std::optional<ErrorInfo> reconnect(const SocketAddress& remote) override {
        std::optional<ErrorInfo> error = inner_->reconnect(remote);
        if (!error) {
            peer_ = remote;
        }
        return error;
    }

    [[nodiscard]] const SocketAddress& local_address() const noexcept override { return inner_->local_address(); }
    [[nodiscard]] std::int64_t send_buffer_length() const noexcept override { return inner_->send_buffer_length(); }
    [[nodiscard]] std::int64_t receive_buffer_length() const noexcept override {
        return inner_->receive_buffer_length();
    }

    [[nodiscard]] UdpSocket& inner() noexcept { return *inner_; }
    [[nodiscard]] const FilterChain& incoming() const noexcept { return filters_.incoming; }

private:
    /// What is lost counts as sent. spec: 06 §21
    void send_rest(const DatagramRun& run, const SocketAddress* const destination, SendOutcome& outcome) {
        visit_parts(std::span{run.data, run.length}, run.segment_length, filters_.outgoing,
                    destination == nullptr ? peer_ : *destination,
                    [&](const std::span<const std::byte> part, const bool is_part_lost) {
                        if (is_part_lost) {
                            outcome.bytes_sent += static_cast<std::int64_t>(part.size());
                            return true;
                        }
                        const DatagramRun rest{.data = part.data(),
                                               .length = static_cast<std::uint32_t>(part.size()),
                                               .segment_length = run.segment_length};
                        const SendOutcome sent = inner_->send({&rest, 1}, destination);
                        outcome.bytes_sent += sent.bytes_sent;
                        outcome.is_complete = sent.is_complete;
                        outcome.system_error = sent.system_error;
                        return sent.is_complete;
                    });
    }

    std::unique_ptr<UdpSocket> inner_;
    SocketAddress peer_;  // of a connected socket
    SocketFilters filters_;
};

/// Hands over what the filters leave.
class FilteredHandler final : public ReceiveHandler {
public:
    FilteredHandler(const FilterChain& chain, ReceiveHandler& next) : chain_(chain), next_(next) {}

    void on_datagrams(const ReceivedRun& run) override {
        visit_parts(run.bytes, run.segment_length, chain_, run.source,
                    [&](const std::span<std::byte> part, const bool is_part_lost) {
                        if (!is_part_lost) {
                            next_.on_datagrams({.bytes = part,
                                                .segment_length = run.segment_length,
                                                .source = run.source,
                                                .media_timestamp_ns = run.media_timestamp_ns});
                        }
                        return true;
                    });
    }
    void on_receive_error(const int system_error) override { next_.on_receive_error(system_error); }

private:
    const FilterChain& chain_;
    ReceiveHandler& next_;
};

class FilteredPoller final : public SocketPoller {
public:
    explicit FilteredPoller(std::unique_ptr<SocketPoller> inner) : inner_(std::move(inner)) {}

    void add(UdpSocket& socket, ReceiveHandler& handler) override {
        auto& filtered = static_cast<FilteredSocket&>(socket);
        if (filtered.incoming().empty()) {
            inner_->add(filtered.inner(), handler);
            return;
        }
        const auto [added, is_new] =
            handlers_.insert_or_assign(&socket, std::make_unique<FilteredHandler>(filtered.incoming(), handler));
        inner_->add(filtered.inner(), *added->second);
    }

    void remove(UdpSocket& socket) override {
        inner_->remove(static_cast<FilteredSocket&>(socket).inner());
        handlers_.erase(&socket);
    }

    std::int64_t poll() override { return inner_->poll(); }

private:
    std::unique_ptr<SocketPoller> inner_;
    std::map<const UdpSocket*, std::unique_ptr<FilteredHandler>> handlers_;
};

}  // namespace

Result<std::unique_ptr<UdpSocket>> FilteredTransport::open(const SocketSpec& spec) {
    Result<std::unique_ptr<UdpSocket>> socket = inner_.open(spec);
    if (!socket) {
        return socket;
    }
    return std::unique_ptr<UdpSocket>{
        std::make_unique<FilteredSocket>(std::move(socket).value(), spec.connect_to, make_filters_())};
}

std::unique_ptr<SocketPoller> FilteredTransport::make_poller(const std::size_t batches_per_poll) {
    return std::make_unique<FilteredPoller>(inner_.make_poller(batches_per_poll));
}

}  // namespace cpperon::net
