/// The cpperon client as an interoperation peer: obeys the command lines described in tests/interop/README.md, one
/// answer per line.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iostream>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/client/aeron.hpp"
#include "cpperon/logbuffer/fragment_assembler.hpp"
#include "cpperon/shm/cnc_reader.hpp"
#include "tests/interop/cpp/json.hpp"
#include "tests/interop/cpp/messages.hpp"

namespace interop {
namespace {

using namespace std::chrono_literals;
using cpperon::ExclusivePublication;
using cpperon::OfferResult;
using cpperon::Subscription;
using SteadyTime = std::chrono::steady_clock::time_point;

std::vector<std::string> split(const std::string_view text, const char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

/// A verb and its options, all separated by tabs.
class Command {
public:
    explicit Command(const std::string_view line) {
        const std::vector<std::string> words = split(line, '\t');
        verb_ = words.front();
        for (std::size_t i = 1; i + 1 < words.size(); i += 2) {
            options_[words[i]] = words[i + 1];
        }
    }

    [[nodiscard]] const std::string& verb() const noexcept { return verb_; }

    [[nodiscard]] std::optional<std::string> find(const std::string_view name) const {
        const auto option = options_.find("--" + std::string{name});
        return option == options_.end() ? std::nullopt : std::optional{option->second};
    }
    [[nodiscard]] std::string text(const std::string_view name) const {
        if (const auto value = find(name)) {
            return *value;
        }
        throw std::runtime_error(fmt::format("{} needs --{}", verb_, name));
    }
    template <typename Number = std::int64_t>
    [[nodiscard]] Number number(const std::string_view name, const Number otherwise) const {
        const auto value = find(name);
        return value ? parse<Number>(*value) : otherwise;
    }
    template <typename Number>
    [[nodiscard]] static Number parse(const std::string_view text) {
        Number number{};
        if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{}) {
            throw std::runtime_error(fmt::format("'{}' is not a number", text));
        }
        return number;
    }
    [[nodiscard]] SteadyTime deadline() const {
        return std::chrono::steady_clock::now() + std::chrono::milliseconds{number("timeout", 10'000)};
    }

private:
    std::string verb_;
    std::map<std::string, std::string> options_;
};

/// Yields, later sleeps; throws once the deadline has passed. `what` says what was waited for.
template <typename What>
void idle(const int rounds, const SteadyTime deadline, What&& what) {
    if (rounds < 20) {
        std::this_thread::yield();
        return;
    }
    if (std::chrono::steady_clock::now() > deadline) {
        throw std::runtime_error("waited too long: " + what());
    }
    std::this_thread::sleep_for(rounds < 100 ? 20us : 500us);
}

template <typename Condition>
void wait_until(const Command& command, const std::string& what, Condition&& condition) {
    const SteadyTime deadline = command.deadline();
    for (int i = 1; !condition(); ++i) {
        idle(100 + i, deadline, [&] { return what; });
    }
}

std::vector<std::byte> from_hex(const std::string_view hex) {
    std::vector<std::byte> bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        std::uint8_t byte = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, byte, 16);
        bytes.push_back(std::byte{byte});
    }
    return bytes;
}

std::string to_hex(const std::span<const std::byte> bytes) {
    std::string hex;
    for (const std::byte byte : bytes) {
        hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    }
    return hex;
}

Facts describe(const cpperon::Error& error) {
    return Facts{}
        .add("code", error.code())
        .add("kind", cpperon::to_string(error.code()))
        .add("text", std::string_view{error.what()});
}

Facts describe(const std::string& subscription, const cpperon::Image& image) {
    const std::int64_t end = image.end_of_stream_position();
    return Facts{}
        .add("subscription", subscription)
        .add("session", image.session_id())
        .add("position", image.position())
        .add("join", image.join_position())
        .add("source", image.source_identity())
        .add("ended", image.is_end_of_stream())
        .add("end", end == INT64_MAX ? -1 : end)
        .add("revoked", image.is_publication_revoked())
        .add("mtu", image.mtu_length())
        .add("term_length", image.term_buffer_length())
        .add("initial_term_id", image.initial_term_id())
        .add("correlation", image.correlation_id());
}

/// What happened on the client's conductor, until somebody asks for it.
class Events {
public:
    void record(const std::string& kind, const Facts& facts) {
        const std::lock_guard lock{mutex_};
        events_.emplace_back(kind, facts);
    }
    void clear() {
        const std::lock_guard lock{mutex_};
        events_.clear();
    }
    std::optional<Facts> take(const std::string& kind) {
        const std::lock_guard lock{mutex_};
        const auto event =
            std::find_if(events_.begin(), events_.end(), [&](const auto& each) { return each.first == kind; });
        if (event == events_.end()) {
            return std::nullopt;
        }
        Facts facts = event->second;
        events_.erase(event);
        return facts;
    }

private:
    std::mutex mutex_;
    std::list<std::pair<std::string, Facts>> events_;
};

/// What arrived from one publisher, in its order.
struct Received {
    std::uint64_t messages = 0;
    std::uint64_t checksum = 0;
    std::uint64_t next = 0;
    bool in_order = true;
};

class Peer {
public:
    Facts obey(const Command& command) {
        using Handler = Facts (Peer::*)(const Command&);
        static const std::map<std::string, Handler> handlers{{"connect", &Peer::connect},
                                                             {"add-publication", &Peer::add_publication},
                                                             {"add-subscription", &Peer::add_subscription},
                                                             {"add-destination", &Peer::add_destination},
                                                             {"remove-destination", &Peer::remove_destination},
                                                             {"await", &Peer::await},
                                                             {"await-event", &Peer::await_event},
                                                             {"send", &Peer::send},
                                                             {"receive", &Peer::receive},
                                                             {"read", &Peer::read},
                                                             {"claim", &Peer::claim},
                                                             {"commit", &Peer::commit},
                                                             {"abort", &Peer::abort},
                                                             {"images", &Peer::images},
                                                             {"reject", &Peer::reject},
                                                             {"revoke", &Peer::revoke},
                                                             {"close", &Peer::close},
                                                             {"reset", &Peer::reset},
                                                             {"add-counter", &Peer::add_counter},
                                                             {"set-counter", &Peer::set_counter},
                                                             {"read-counters", &Peer::read_counters},
                                                             {"next-session", &Peer::next_session},
                                                             {"inspect", &Peer::inspect}};
        const auto handler = handlers.find(command.verb());
        if (handler == handlers.end()) {
            throw std::runtime_error("unknown command " + command.verb());
        }
        return (this->*handler->second)(command);
    }

private:
    using AnyPublication = std::variant<cpperon::Publication, ExclusivePublication>;

    Facts connect(const Command& command) {
        const auto on_counter = [this](const std::string& kind) {
            return [this, kind](const cpperon::CountersReader&, const cpperon::RegistrationId registration_id,
                                const cpperon::CounterId id) {
                events_.record(kind, Facts{}.add("registration", registration_id).add("id", id));
            };
        };
        aeron_ = cpperon::Aeron::connect({
            .directory = command.text("dir"),
            .driver_timeout = std::chrono::milliseconds{command.number("driver-timeout", 5'000)},
            .keepalive_interval = std::chrono::milliseconds{command.number("keepalive", 100)},
            .idle_sleep_duration = 1ms,
            .client_name = command.find("name"),
            .on_error = [this](const cpperon::Error& error) { events_.record("error", describe(error)); },
            .on_publication_error =
                [this](const cpperon::PublicationError& error) {
                    events_.record("publication-error", Facts{}
                                                            .add("registration", error.registration_id)
                                                            .add("session", error.session_id)
                                                            .add("stream", error.stream_id)
                                                            .add("receiver", error.receiver_id)
                                                            .add("group_tag", error.group_tag)
                                                            .add("code", error.code)
                                                            .add("destination", error.destination_registration_id)
                                                            .add("text", std::string_view{error.message}));
                },
            .on_available_counter = on_counter("counter-available"),
            .on_unavailable_counter = on_counter("counter-unavailable"),
            .on_close_client = [this] { events_.record("closed", Facts{}); },
        });
        return Facts{}.add("client", aeron_.client_id());
    }

    Facts add_publication(const Command& command) {
        const std::string channel = command.text("channel");
        const auto stream_id = command.number<std::int32_t>("stream", 1);
        AnyPublication& added = publications_[command.text("as")];
        if (command.find("kind") == "exclusive") {
            added = aeron_.add_exclusive_publication(channel, stream_id);
        } else {
            added = aeron_.add_publication(channel, stream_id);
        }
        return std::visit(
            [](const auto& publication) {
                return Facts{}
                    .add("registration", publication.registration_id())
                    .add("original", publication.original_registration_id())
                    .add("session", publication.session_id())
                    .add("initial_term_id", publication.initial_term_id())
                    .add("term_length", publication.term_buffer_length())
                    .add("max_payload", publication.max_payload_length())
                    .add("max_message", publication.max_message_length())
                    .add("position", publication.position().raw())
                    .add("channel_status", publication.channel_status());
            },
            added);
    }

    Facts add_subscription(const Command& command) {
        const std::string name = command.text("as");
        const Subscription subscription = aeron_.add_subscription(
            command.text("channel"), command.number<std::int32_t>("stream", 1),
            {.on_available =
                 [this, name](const cpperon::Image& image) { events_.record("available", describe(name, image)); },
             .on_unavailable =
                 [this, name](const cpperon::Image& image) { events_.record("unavailable", describe(name, image)); }});
        subscriptions_[name] = subscription;
        return Facts{}
            .add("registration", subscription.registration_id())
            .add("channel_status", subscription.channel_status());
    }

    /// What `question` says of the publication, or else the subscription, with this name.
    template <typename Question>
    auto ask(const std::string& name, Question&& question) {
        if (const auto publication = publications_.find(name); publication != publications_.end()) {
            return std::visit(question, publication->second);
        }
        return question(subscriptions_.at(name));
    }

    Facts add_destination(const Command& command) {
        const std::string channel = command.text("channel");
        return Facts{}.add("destination",
                           ask(command.text("on"), [&](const auto& to) { return to.add_destination(channel); }));
    }

    Facts remove_destination(const Command& command) {
        const std::string name = command.text("on");
        if (command.find("id")) {
            const cpperon::RegistrationId id{command.number("id", 0)};
            std::visit([&](const auto& from) { from.remove_destination(id); }, publications_.at(name));
        } else {
            const std::string channel = command.text("channel");
            ask(name, [&](const auto& from) { from.remove_destination(channel); });
        }
        return {};
    }

    Facts await(const Command& command) {
        const std::string name = command.find("on").value_or("");
        const std::string state = command.text("is");
        const auto count = command.number<std::size_t>("count", 1);
        wait_until(command, state + " of " + name, [&] {
            if (state == "connected") {
                return ask(name, [](const auto& handle) { return handle.is_connected(); });
            }
            if (state == "disconnected") {
                return !ask(name, [](const auto& handle) { return handle.is_connected(); });
            }
            if (state == "closed") {
                return ask(name, [](const auto& handle) { return handle.is_closed(); });
            }
            if (state == "images") {
                return subscriptions_.at(name).image_count() == count;
            }
            if (state == "client-closed") {
                return aeron_.is_closed();
            }
            throw std::runtime_error("unknown state " + state);
        });
        return {};
    }

    Facts await_event(const Command& command) {
        const std::string kind = command.text("kind");
        std::optional<Facts> found;
        wait_until(command, "event " + kind, [&] { return (found = events_.take(kind)).has_value(); });
        return *found;
    }

    Facts send(const Command& command) {
        const AnyPublication& publication = publications_.at(command.text("on"));
        const std::string method = command.find("method").value_or("offer");
        const auto publisher = command.number<std::uint32_t>("publisher", 1);
        const auto messages = command.number<std::uint32_t>("messages", 1);
        const auto first = command.number<std::uint32_t>("first", 0);
        std::vector<std::size_t> lengths;
        for (const std::string& length : split(command.find("lengths").value_or("8"), ',')) {
            lengths.push_back(Command::parse<std::size_t>(length));
        }
        std::vector<std::byte> buffer(*std::max_element(lengths.begin(), lengths.end()) + 8);
        const SteadyTime deadline = command.deadline();
        std::uint64_t checksum = 0;
        OfferResult result = cpperon::OfferStatus::closed;
        for (std::uint32_t index = first; index != first + messages; ++index) {
            const std::size_t length = lengths[index % lengths.size()];
            const std::span message = std::span{buffer}.first(length);
            fill(buffer, first_word(publisher, index), length);
            checksum = mix(checksum, message);
            for (int attempts = 1;; ++attempts) {
                result = std::visit([&](const auto& to) { return send_one(to, method, message, index); }, publication);
                if (result) {
                    break;
                }
                const auto describe_result = [&] {
                    return fmt::format("message {} was not taken: {}", index, cpperon::to_string(result.status()));
                };
                if (!result.is_retryable()) {
                    throw std::runtime_error(describe_result());
                }
                idle(attempts, deadline, describe_result);
            }
        }
        return Facts{}
            .add("messages", messages)
            .add("checksum", std::string_view{fmt::format("{:x}", checksum)})
            .add("position", result.raw());
    }

    template <typename AnyKind>
    static OfferResult send_one(const AnyKind& publication, const std::string& method,
                                const std::span<const std::byte> message, const std::int64_t reserved_value) {
        const auto supplier = [reserved_value](std::span<const std::byte>) noexcept { return reserved_value; };
        if (method == "offer") {
            return publication.offer(message, supplier);
        }
        if (method == "vector") {
            const std::size_t half = message.size() / 2;
            return publication.offer({message.first(1), message.subspan(1, half - 1), message.subspan(half)}, supplier);
        }
        if (method == "claim") {
            cpperon::BufferClaim claim = publication.try_claim(message.size());
            if (claim) {
                std::copy(message.begin(), message.end(), claim.data().begin());
                claim.set_reserved_value(reserved_value);
                claim.commit();
            }
            return claim.result();
        }
        throw std::runtime_error("unknown method " + method);
    }

    /// Until so many messages came, or with 0 until every image that was there has ended.
    Facts receive(const Command& command) {
        const Subscription& subscription = subscriptions_.at(command.text("on"));
        const auto wanted = command.number<std::uint64_t>("messages", 0);
        const SteadyTime deadline = command.deadline();
        std::map<std::uint32_t, Received> publishers;
        std::uint64_t count = 0;
        std::int64_t end = 0;
        cpperon::FragmentAssembler assembler{
            [&](const std::span<const std::byte> message, const cpperon::Header& header) {
                const std::uint64_t first = read_first_word(message);
                Received& from = publishers[static_cast<std::uint32_t>(first >> 32U)];
                const std::uint64_t index = first & 0xFFFF'FFFFU;
                const bool is_next = from.messages == 0 || index == from.next;
                from.in_order &= is_next && static_cast<std::uint64_t>(header.reserved_value()) == index;
                from.next = index + 1;
                ++from.messages;
                from.checksum = mix(from.checksum, message);
                end = header.position();
                ++count;
            }};
        int idle_rounds = 0;
        while (wanted == 0 ? subscription.image_count() > 0 : count < wanted) {
            const std::uint64_t limit = wanted == 0 ? 64 : std::min<std::uint64_t>(64, wanted - count);
            if (subscription.poll(assembler, static_cast<int>(limit)) > 0) {
                idle_rounds = 0;
                continue;
            }
            idle(++idle_rounds, deadline, [&] { return fmt::format("received {} of {} messages", count, wanted); });
        }
        Facts by_publisher;
        for (const auto& [publisher, from] : publishers) {
            by_publisher.add(fmt::to_string(publisher),
                             Facts{}
                                 .add("messages", from.messages)
                                 .add("checksum", std::string_view{fmt::format("{:x}", from.checksum)})
                                 .add("in_order", from.in_order));
        }
        return Facts{}.add("messages", count).add("publishers", by_publisher).add("position", end);
    }

    /// So many messages as they are.
    Facts read(const Command& command) {
        const Subscription& subscription = subscriptions_.at(command.text("on"));
        const auto wanted = command.number<std::size_t>("messages", 1);
        std::vector<Json> messages;
        cpperon::FragmentAssembler assembler{[&](const std::span<const std::byte> message,
                                                 const cpperon::Header& header) {
            messages.push_back(
                Facts{}.add("reserved", header.reserved_value()).add("hex", std::string_view{to_hex(message)}).json());
        }};
        wait_until(command, "messages", [&] {
            return subscription.poll(assembler, static_cast<int>(wanted - messages.size())) > 0 &&
                   messages.size() == wanted;
        });
        return Facts{}.add("messages", messages);
    }

    Facts claim(const Command& command) {
        const AnyPublication& publication = publications_.at(command.text("on"));
        const auto length = command.number<std::size_t>("length", 64);
        wait_until(command, "claim", [&] {
            claim_ = std::visit([&](const auto& from) { return from.try_claim(length); }, publication);
            return static_cast<bool>(claim_);
        });
        return Facts{}.add("position", claim_.result().raw());
    }
    Facts commit(const Command&) {
        claim_.commit();
        return {};
    }
    Facts abort(const Command&) {
        claim_.abort();
        return {};
    }

    Facts images(const Command& command) {
        std::vector<Json> images;
        for (const cpperon::Image& image : subscriptions_.at(command.text("on")).images()) {
            images.push_back(describe("", image).json());
        }
        return Facts{}.add("images", images);
    }

    Facts reject(const Command& command) {
        const auto image = subscriptions_.at(command.text("on")).image_at(0);
        if (!image) {
            throw std::runtime_error("there is no image to reject");
        }
        image->reject(command.text("reason"));
        return {};
    }

    Facts revoke(const Command& command) {
        std::get<ExclusivePublication>(publications_.at(command.text("on"))).revoke();
        publications_.erase(command.text("on"));
        return {};
    }

    Facts close(const Command& command) {
        const std::string name = command.find("on").value_or("");
        if (name.empty()) {
            aeron_.close();
        } else if (publications_.erase(name) + subscriptions_.erase(name) + counters_.erase(name) == 0) {
            throw std::runtime_error("there is no " + name);
        }
        return {};
    }

    /// Closes what was added and forgets what happened.
    Facts reset(const Command&) {
        publications_.clear();
        subscriptions_.clear();
        counters_.clear();
        events_.clear();
        return {};
    }

    Facts add_counter(const Command& command) {
        const std::vector<std::byte> key = from_hex(command.find("key").value_or(""));
        const std::string label = command.find("label").value_or("");
        const auto type_id = command.number<std::int32_t>("type", 1'000);
        const cpperon::Counter counter =
            command.find("registration")
                ? aeron_.add_static_counter(type_id, cpperon::RegistrationId{command.number("registration", 0)}, label,
                                            key)
                : aeron_.add_counter(type_id, label, key);
        counters_[command.text("as")] = counter;
        return Facts{}.add("id", counter.id()).add("registration", counter.registration_id());
    }

    Facts set_counter(const Command& command) {
        counters_.at(command.text("on")).set_release(command.number("value", 0));
        return {};
    }

    Facts read_counters(const Command& command) {
        const auto type_id = command.number<std::int32_t>("type", 1'000);
        const auto key_length = command.number<std::size_t>("key-length", 16);
        std::vector<Json> found;
        aeron_.counters_reader().for_each([&](const cpperon::CounterView& counter) {
            if (counter.type_id == type_id) {
                found.push_back(Facts{}
                                    .add("id", counter.id)
                                    .add("value", counter.value)
                                    .add("label", counter.label)
                                    .add("key", std::string_view{to_hex(std::span{counter.key}.first(key_length))})
                                    .add("registration", counter.registration_id)
                                    .add("owner", counter.owner_id)
                                    .add("reference", counter.reference_id)
                                    .json());
            }
        });
        return Facts{}.add("counters", found);
    }

    Facts next_session(const Command& command) {
        return Facts{}.add("session", aeron_.next_session_id(command.number<std::int32_t>("stream", 1)));
    }

    static Json view(const cpperon::CounterView& counter) {
        return Facts{}
            .add("id", counter.id)
            .add("type", counter.type_id)
            .add("value", counter.value)
            .add("label", counter.label)
            .json();
    }
    /// What a driver, alive or dead, shares about itself, read without a client.
    Facts inspect(const Command& command) {
        const cpperon::CncFile cnc = cpperon::CncFile::open(command.text("dir"), 10s);
        std::vector<Json> counters;
        cnc.counters().for_each([&](const cpperon::CounterView& counter) { counters.push_back(view(counter)); });
        std::vector<Json> errors;
        cnc.for_each_error([&](const cpperon::ErrorObservation& error) {
            errors.push_back(Facts{}.add("count", error.count).add("text", error.text).json());
        });
        std::vector<Json> losses;
        cnc.for_each_loss([&](const cpperon::LossObservation& loss) {
            losses.push_back(Facts{}
                                 .add("count", loss.count)
                                 .add("bytes", loss.total_bytes_lost)
                                 .add("session", loss.session_id)
                                 .add("stream", loss.stream_id)
                                 .add("channel", loss.channel)
                                 .add("source", loss.source)
                                 .json());
        });
        return Facts{}
            .add("pid", cnc.constants().pid)
            .add("active", cnc.is_driver_active(5s))
            .add("counters", counters)
            .add("errors", errors)
            .add("losses", losses);
    }

    Events events_;  // before the client, whose thread records them
    cpperon::Aeron aeron_;
    std::map<std::string, AnyPublication> publications_;
    std::map<std::string, Subscription> subscriptions_;
    std::map<std::string, cpperon::Counter> counters_;
    cpperon::BufferClaim claim_;
};

Facts answer(Peer& peer, const std::string& line) {
    try {
        return peer.obey(Command{line});
    } catch (const cpperon::Error& error) {
        return Facts{}.add("error", describe(error));
    } catch (const std::exception& error) {
        return Facts{}.add("error", Facts{}
                                        .add("code", 2'000)
                                        .add("kind", std::string_view{"peer"})
                                        .add("text", std::string_view{error.what()}));
    }
}

}  // namespace
}  // namespace interop

int main() {
    interop::Peer peer;
    for (std::string line; std::getline(std::cin, line);) {
        std::cout << interop::answer(peer, line).json().text << std::endl;
    }
}
