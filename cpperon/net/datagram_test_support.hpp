/// What tests of sockets share: recognisable bytes, runs of them, and a place to collect what arrives.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "cpperon/net/udp_transport.hpp"

namespace cpperon::net::test {

using Bytes = std::vector<std::byte>;

inline const SocketAddress loopback = SocketAddress::ipv4({127, 0, 0, 1}, 0);
inline const SocketAddress loopback_ipv6 = SocketAddress::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);

/// Hosts without IPv6 exist; tests that need it are skipped there.
inline bool has_ipv6(UdpTransport& transport) {
    return transport.open({.bind_address = loopback_ipv6}).has_value();
}

/// Bytes that differ from place to place.
inline Bytes pattern(const std::size_t length) {
    Bytes bytes(length);
    for (std::size_t i = 0; i < length; ++i) {
        bytes[i] = static_cast<std::byte>(i * 31 + (i >> 8U));
    }
    return bytes;
}

inline DatagramRun run_of(const Bytes& bytes, const std::uint32_t segment_length) {
    return {.data = bytes.data(), .length = static_cast<std::uint32_t>(bytes.size()), .segment_length = segment_length};
}

/// Keeps what arrives, datagram by datagram.
class Inbox final : public ReceiveHandler {
public:
    void on_datagrams(const ReceivedRun& run) override {
        ++runs;
        source = run.source;
        media_timestamp_ns = run.media_timestamp_ns;
        for (std::size_t begin = 0; begin < run.bytes.size(); begin += run.segment_length) {
            const std::size_t length = std::min<std::size_t>(run.segment_length, run.bytes.size() - begin);
            const auto datagram = run.bytes.subspan(begin, length);
            datagrams.emplace_back(datagram.begin(), datagram.end());
        }
    }
    void on_receive_error(const int system_error) override { errors.push_back(system_error); }

    [[nodiscard]] Bytes all_bytes() const {
        Bytes bytes;
        for (const Bytes& datagram : datagrams) {
            bytes.insert(bytes.end(), datagram.begin(), datagram.end());
        }
        return bytes;
    }

    std::vector<Bytes> datagrams;
    std::vector<int> errors;
    SocketAddress source;
    std::int64_t media_timestamp_ns = 0;
    int runs = 0;
};

/// Polls real sockets until `is_done`, or fails after ten seconds, which only happens when something is broken.
template <typename Condition>
void poll_until(SocketPoller& poller, const std::string& what, const Condition& is_done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
    while (!is_done()) {
        poller.poll();
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "waited for " << what;
        std::this_thread::yield();
    }
}

}  // namespace cpperon::net::test
