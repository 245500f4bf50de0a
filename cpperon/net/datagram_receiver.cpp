#include "cpperon/net/datagram_receiver.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <netinet/udp.h>

#include "cpperon/net/socket_error.hpp"

namespace cpperon::net {

namespace {

/// A socket that had something as often as this is asked for more than one message at a time.
constexpr int polls_before_batches = 8;
/// What one poll takes of one socket, in full batches, so that others have their turn: a megabyte of joined datagrams,
/// or enough small ones to be faster than many senders.
constexpr std::int64_t max_bytes_per_poll = 4 * 4 * 65'536;
constexpr int max_calls_per_poll = 32;

/// What the kernel says about a message besides its bytes.
struct MessageFacts {
    std::uint32_t segment_length = 0;  ///< 0: one datagram
    std::int64_t system_timestamp_ns = 0;
    std::int64_t device_timestamp_ns = 0;
};

/// What the NIC's stamp is in `SCM_TIMESTAMPING`: software, unused, hardware.
struct Timestamps {
    timespec software;
    timespec unused;
    timespec hardware;
};

template <typename T>
T read(const cmsghdr& option) noexcept {
    T value{};
    if (option.cmsg_len >= CMSG_LEN(sizeof(value))) {
        std::memcpy(&value, CMSG_DATA(&option), sizeof(value));
    }
    return value;
}

std::int64_t to_ns(const timespec& time) noexcept {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

void report(const int system_error, ReceiveHandler& handler) {
    if (!is_not_now(system_error)) {
        handler.on_receive_error(system_error);
    }
}

MessageFacts read_facts(msghdr& header) noexcept {
    MessageFacts facts;
    for (cmsghdr* option = CMSG_FIRSTHDR(&header); option != nullptr; option = CMSG_NXTHDR(&header, option)) {
        if (option->cmsg_level == SOL_UDP && option->cmsg_type == UDP_GRO) {
            facts.segment_length = static_cast<std::uint32_t>(read<int>(*option));
        } else if (option->cmsg_level == SOL_SOCKET && option->cmsg_type == SCM_TIMESTAMPNS) {
            facts.system_timestamp_ns = to_ns(read<timespec>(*option));
        } else if (option->cmsg_level == SOL_SOCKET && option->cmsg_type == SCM_TIMESTAMPING) {
            facts.device_timestamp_ns = to_ns(read<Timestamps>(*option).hardware);
        }
    }
    return facts;
}

}  // namespace

DatagramReceiver::DatagramReceiver(const std::size_t batches_per_poll, const ReceiveCalls& calls)
    : calls_(calls), slots_(batches_per_poll), messages_(batches_per_poll) {
    for (std::size_t i = 0; i < slots_.size(); ++i) {
        slots_[i].part = {.iov_base = slots_[i].bytes.data(), .iov_len = slots_[i].bytes.size()};
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &slots_[i].source;
        header.msg_iov = &slots_[i].part;
        header.msg_iovlen = 1;
        header.msg_control = slots_[i].control.data();
        prepare(i);
    }
}

void DatagramReceiver::prepare(const std::size_t index) noexcept {
    messages_[index].msg_hdr.msg_namelen = sizeof(NativeAddress);
    messages_[index].msg_hdr.msg_controllen = control_length;
}

std::int64_t DatagramReceiver::receive(const int descriptor, ReceiveHandler& handler, SocketTraffic& traffic) {
    return traffic.polls_in_a_row < polls_before_batches ? receive_one(descriptor, handler, traffic)
                                                         : receive_many(descriptor, handler, traffic);
}

std::int64_t DatagramReceiver::receive_one(const int descriptor, ReceiveHandler& handler, SocketTraffic& traffic) {
    const ssize_t length = calls_.recvmsg(descriptor, &messages_[0].msg_hdr, 0);
    if (length < 0) [[likely]] {
        report(errno, handler);
        traffic.polls_in_a_row = 0;
        return 0;
    }
    ++traffic.polls_in_a_row;
    messages_[0].msg_len = static_cast<unsigned int>(length);
    deliver(0, handler);
    // An empty datagram looks like nothing to who asks for bytes, but others may wait behind it.
    return length > 0 ? length : receive_many(descriptor, handler, traffic);
}

std::int64_t DatagramReceiver::receive_many(const int descriptor, ReceiveHandler& handler, SocketTraffic& traffic) {
    const auto capacity = static_cast<int>(messages_.size());
    std::int64_t bytes = 0;
    for (int call = 0; call < max_calls_per_poll && bytes < max_bytes_per_poll; ++call) {
        const int count =
            calls_.recvmmsg(descriptor, messages_.data(), static_cast<unsigned int>(capacity), 0, nullptr);
        if (count < 0) {
            report(errno, handler);
        }
        for (int i = 0; i < count; ++i) {
            bytes += messages_[static_cast<std::size_t>(i)].msg_len;
            deliver(static_cast<std::size_t>(i), handler);
        }
        if (count < capacity) {
            if (call == 0 && count <= 1) {
                traffic.polls_in_a_row = 0;
            }
            break;
        }
    }
    return bytes;
}

void DatagramReceiver::deliver(const std::size_t index, ReceiveHandler& handler) {
    msghdr& header = messages_[index].msg_hdr;
    const std::uint32_t length = messages_[index].msg_len;
    const MessageFacts facts = header.msg_controllen == 0 ? MessageFacts{} : read_facts(header);
    const bool is_whole = (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0;
    prepare(index);
    if (!is_whole) {
        handler.on_receive_error(EMSGSIZE);
        return;
    }
    if (length == 0) {
        return;  // an empty datagram says nothing to anybody
    }
    handler.on_datagrams(
        {.bytes = std::span{slots_[index].bytes}.first(length),
         .segment_length = facts.segment_length == 0 ? length : facts.segment_length,
         .source = from_native(slots_[index].source),
         .media_timestamp_ns = facts.device_timestamp_ns != 0 ? facts.device_timestamp_ns : facts.system_timestamp_ns});
}

}  // namespace cpperon::net
