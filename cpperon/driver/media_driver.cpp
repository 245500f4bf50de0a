#include "cpperon/driver/media_driver.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cpperon/base/agent.hpp"
#include "cpperon/base/agent_invoker.hpp"
#include "cpperon/base/agent_runner.hpp"
#include "cpperon/base/clock.hpp"
#include "cpperon/base/error_handler.hpp"
#include "cpperon/base/idle_strategy.hpp"
#include "cpperon/base/mapped_file.hpp"
#include "cpperon/base/random.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/driver/conductor/driver_conductor.hpp"
#include "cpperon/driver/conductor/driver_errors.hpp"
#include "cpperon/driver/conductor/driver_resources.hpp"
#include "cpperon/driver/cpuset.hpp"
#include "cpperon/driver/driver_idle_strategy.hpp"
#include "cpperon/driver/driver_network.hpp"
#include "cpperon/driver/duty_cycle_tracker.hpp"
#include "cpperon/driver/event_log/driver_event_log.hpp"
#include "cpperon/driver/native_resource_agent.hpp"
#include "cpperon/driver/system_counters.hpp"
#include "cpperon/shm/broadcast_transmitter.hpp"
#include "cpperon/shm/cnc_file.hpp"
#include "cpperon/shm/counters_manager.hpp"
#include "cpperon/shm/directory.hpp"
#include "cpperon/shm/directory_claim.hpp"
#include "cpperon/shm/directory_lock.hpp"
#include "cpperon/shm/distinct_error_log.hpp"
#include "cpperon/shm/loss_report.hpp"
#include "cpperon/shm/many_to_one_ring_buffer.hpp"

namespace cpperon {

namespace {

using namespace driver;  // NOLINT(google-build-using-namespace): this file assembles what is in there
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::int32_t any_cpu = -1;

constexpr SemanticVersion control_protocol_version{1, 0, 0};
constexpr SemanticVersion software_version{version_major, version_minor, version_patch};

/// Does something that must not stop a close; what goes wrong is told on stderr.
template <typename Action>
void despite_errors(Action&& action) noexcept {
    try {
        action();
    } catch (...) {
        report_current_exception(stderr_error_handler());
    }
}

/// What is left open in the settings, filled in.
DriverContext completed(DriverContext context) {
    if (context.directory.empty()) {
        context.directory = shm::default_directory(shm::UserEnvironment::of_process());
    }
    if (!context.threading_mode) {
        context.threading_mode = ThreadingMode::dedicated;
    }
    if (!context.warning_handler) {
        context.warning_handler = [](const std::string_view line) { fmt::print(stderr, "{}\n", line); };
    }
    if (context.nano_clock == nullptr) {
        context.nano_clock = &SystemNanoClock::instance();
    }
    if (context.epoch_clock == nullptr) {
        context.epoch_clock = &SystemEpochClock::instance();
    }
    return context;
}

void check(const DriverContext& context, net::UdpTransport& transport, const MainLoop main_loop) {
    validate(context);
    if (context.threading_mode == ThreadingMode::invoker && main_loop != MainLoop::by_caller) {
        throw InvalidArgumentError(
            "aeron.threading.mode=INVOKER has no thread of its own: start the driver with MainLoop::by_caller and call "
            "do_work(), or choose SHARED");
    }
    check_socket_buffers(context, transport);
}

/// One thread for all agents?
bool is_shared(const DriverContext& context) {
    return context.threading_mode == ThreadingMode::shared || context.threading_mode == ThreadingMode::invoker;
}

/// One thread for sender and receiver?
bool shares_network(const DriverContext& context) {
    return is_shared(context) || context.threading_mode == ThreadingMode::shared_network;
}

/// spec: 06 §2.3
std::string_view conductor_role(const DriverContext& context) {
    return context.thread_naming == ThreadNaming::classic ? "conductor" : "aeron-md-cnd";
}

std::string_view network_role(const DriverContext& context) {
    return context.thread_naming == ThreadNaming::classic ? "[sender, receiver]" : "aeron-md-net";
}

std::string_view shared_role(const DriverContext& context) {
    return context.thread_naming == ThreadNaming::classic ? "[conductor, sender, receiver]" : "aeron-md-shd";
}

std::vector<std::shared_ptr<Agent>> both(Agent& first, Agent* const second) {
    std::vector<std::shared_ptr<Agent>> agents{lend(first)};
    if (second != nullptr) {
        agents.push_back(lend(*second));
    }
    return agents;
}

/// The driver's directory, from taking possession of it to leaving it.
class OwnedDirectory {
public:
    explicit OwnedDirectory(const DriverContext& context)
        : path_(context.directory),
          lock_(shm::claim_directory({.directory = path_,
                                      .delete_on_start = context.delete_directory_on_start,
                                      .driver_timeout_ms = context.driver_timeout.count(),
                                      .nano_clock = *context.nano_clock,
                                      .epoch_clock = *context.epoch_clock,
                                      .sleep = sleep,
                                      .on_notice = [&context](const std::string_view notice) {
                                          // That there is a directory is only said when asked for.
                                          if (context.warn_if_directory_exists || !notice.ends_with("exists already")) {
                                              context.warning_handler(fmt::format("WARNING: {}", notice));
                                          }
                                      }})) {}
    OwnedDirectory(const OwnedDirectory&) = delete;
    OwnedDirectory& operator=(const OwnedDirectory&) = delete;
    ~OwnedDirectory() {
        if (is_to_be_deleted_) {
            despite_errors([this] {
                if (!lock_) {
                    lock_ = shm::DirectoryLock::try_acquire(
                        path_, {.nano_clock = SystemNanoClock::instance(), .sleep = sleep});
                }
                if (identity_of_cnc_file() == own_cnc_file_) {
                    shm::delete_directory(path_);
                }
            });
        }
    }

    /// The CnC file that is there now was created by this driver. Another one in its place means another driver.
    void recognise_cnc_file() { own_cnc_file_ = identity_of_cnc_file(); }

    /// Others that start find a live driver from here on.
    void unlock() noexcept { lock_.reset(); }

    /// The start succeeded: the directory stays after the close unless it is to be deleted then.
    void delete_at_end(const bool is_to_be_deleted) noexcept { is_to_be_deleted_ = is_to_be_deleted; }

private:
    struct FileIdentity {
        dev_t device;
        ino_t inode;

        friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
    };

    [[nodiscard]] std::optional<FileIdentity> identity_of_cnc_file() const {
        struct stat status {};
        return ::stat(shm::cnc_path(path_).c_str(), &status) == 0
                   ? std::optional{FileIdentity{.device = status.st_dev, .inode = status.st_ino}}
                   : std::nullopt;
    }

    static void sleep(const std::chrono::nanoseconds duration) { SystemPause::instance().sleep(duration.count()); }

    std::string path_;
    std::optional<shm::DirectoryLock> lock_;
    std::optional<FileIdentity> own_cnc_file_;
    bool is_to_be_deleted_ = true;  // a start that fails leaves nothing behind
};

shm::CncFile create_cnc_file(OwnedDirectory& directory, const DriverContext& context) {
    shm::CncFile file = shm::CncFile::create(
        shm::cnc_path(context.directory),
        {.to_driver_buffer_length = static_cast<std::int32_t>(context.to_driver_buffer_length),
         .to_clients_buffer_length = static_cast<std::int32_t>(context.to_clients_buffer_length),
         .counters_values_buffer_length = static_cast<std::int32_t>(context.counters_buffer_length),
         .error_log_buffer_length = static_cast<std::int32_t>(context.error_buffer_length),
         .client_liveness_timeout_ns = context.client_liveness_timeout.count(),
         .start_timestamp_ms = context.epoch_clock->epoch_ms(),
         .pid = ::getpid(),
         .file_page_size = static_cast<std::int32_t>(context.file_page_size)});
    directory.recognise_cnc_file();
    return file;
}

}  // namespace

/// A driver from the start to the close. Members stand in the order in which they are made; each works on those above.
class MediaDriver::Running {
public:
    Running(DriverContext context, std::shared_ptr<net::UdpTransport> transport, MainLoop main_loop);
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;
    ~Running() { close(); }

    int do_work() { return main_invoker_ ? main_invoker_->invoke() : 0; }
    void idle(const int work_count) {
        if (main_idle_) {
            main_idle_->idle(work_count);
        }
    }

    /// True on a thread that a close would wait for.
    [[nodiscard]] bool is_inside_agent() const noexcept;

private:
    [[nodiscard]] std::vector<std::shared_ptr<Agent>> shared_agents();
    void publish();
    void start(MainLoop main_loop);
    [[nodiscard]] std::unique_ptr<AgentRunner> make_runner(Agent& agent, const IdleSetting& idle, std::int32_t cpu);
    void start_thread(Agent& agent, const IdleSetting& idle, std::int32_t cpu);
    void start_main(Agent& agent, const IdleSetting& idle, MainLoop main_loop);
    void prepare_calling_thread(std::string_view role_name);
    void close() noexcept;

    const DriverContext context_;
    std::unique_ptr<DriverEventLog> event_log_;  // null: nothing is logged
    std::shared_ptr<net::UdpTransport> transport_;
    SystemRandomSource system_random_;
    OwnedDirectory directory_;
    shm::CncFile cnc_;
    MappedFile loss_report_file_;
    shm::LossReport loss_report_{loss_report_file_.bytes()};
    shm::ManyToOneRingBuffer commands_{cnc_.to_driver_buffer()};
    shm::BroadcastTransmitter events_{cnc_.to_clients_buffer()};
    shm::CountersManager counters_;
    SystemCounters system_counters_;
    shm::DistinctErrorLog error_log_{cnc_.error_log(), *context_.epoch_clock};
    DriverErrors errors_{error_log_, system_counters_};
    ErrorHandler on_error_ = [this](const Error& error) { errors_.record(wire_code_of(error.code()), error.what()); };

    CycleClock shared_clock_{*context_.nano_clock};  // of the thread that steps several agents
    CycleClockAgent shared_clock_agent_{shared_clock_};
    DriverNetwork network_;
    NativeResourceAgent native_resource_agent_;
    CompositeAgent native_resources_;
    CycleClock conductor_clock_{is_shared(context_) ? shared_clock_ : *context_.nano_clock};
    DriverConductor conductor_;
    TrackedAgent tracked_conductor_;
    CompositeAgent network_agent_;
    CompositeAgent shared_agent_;

    // In the order in which they are stopped. spec: 06 §2.2
    std::vector<std::unique_ptr<AgentRunner>> runners_;  // of the sender or the network, the receiver, native resources
    std::unique_ptr<AgentRunner> main_runner_;
    std::unique_ptr<AgentInvoker> main_invoker_;
    std::unique_ptr<IdleStrategy> main_idle_;
    std::unique_ptr<AgentRunner> event_log_runner_;  // behind all that log
};

MediaDriver::Running::Running(DriverContext context, std::shared_ptr<net::UdpTransport> transport,
                              const MainLoop main_loop)
    : context_(std::move(context)),
      event_log_(make_event_log(context_)),
      transport_(with_logged_frames(std::move(transport), log_of(event_log_))),
      directory_(context_),
      cnc_(create_cnc_file(directory_, context_)),
      loss_report_file_(shm::create_loss_report_file(shm::loss_report_path(context_.directory),
                                                     context_.loss_report_buffer_length,
                                                     static_cast<std::int32_t>(context_.file_page_size))),
      counters_(
          cnc_.counters_metadata(), cnc_.counters_values(), *context_.epoch_clock,
          std::max<std::int64_t>(1, duration_cast<milliseconds>(context_.counters_free_to_reuse_timeout).count())),
      system_counters_(counters_, {.threading_mode = *context_.threading_mode,
                                   .conductor_cycle_threshold = context_.conductor_cycle_threshold,
                                   .sender_cycle_threshold = context_.sender_cycle_threshold,
                                   .receiver_cycle_threshold = context_.receiver_cycle_threshold,
                                   .name_resolver_threshold = context_.name_resolver_threshold,
                                   .resolver_name = context_.resolver_name}),
      network_({.context = context_,
                .transport = *transport_,
                .counters = counters_,
                .system_counters = system_counters_,
                .errors = errors_,
                .event_log = log_of(event_log_)},
               shares_network(context_) ? &shared_clock_ : nullptr),
      native_resource_agent_(LogFiles{{.directory = context_.directory,
                                       .perform_storage_checks = context_.perform_storage_checks,
                                       .low_storage_warning_threshold = context_.low_storage_warning_threshold,
                                       .resource_free_limit = context_.resource_free_limit},
                                      system_counters_,
                                      error_log_},
                             network_.names(), *transport_),
      native_resources_(std::string{native_resource_agent_.role_name()},
                        both(native_resource_agent_, network_.resolver())),
      conductor_(context_, {.commands = commands_,
                            .events = events_,
                            .counters = counters_,
                            .system_counters = system_counters_,
                            .errors = error_log_,
                            .logs = native_resource_agent_,
                            .channels = native_resource_agent_,
                            .transport = *transport_,
                            .sender = network_.sender_context(),
                            .receiver = network_.receiver_context(),
                            .loss_report = loss_report_,
                            .nano_clock = conductor_clock_,
                            .epoch_clock = *context_.epoch_clock,
                            .random = context_.random != nullptr ? *context_.random : system_random_,
                            .event_log = log_of(event_log_)}),
      tracked_conductor_(conductor_role(context_), conductor_, conductor_clock_,
                         DutyCycleTracker{{.max_cycle_time = SystemCounter::conductor_max_cycle_time,
                                           .threshold_exceeded = SystemCounter::conductor_cycle_time_threshold_exceeded,
                                           .threshold = context_.conductor_cycle_threshold},
                                          system_counters_,
                                          conductor_clock_.nano_time()}),
      network_agent_(std::string{network_role(context_)},
                     {lend(shared_clock_agent_), lend(network_.sender()), lend(network_.receiver())}),
      shared_agent_(std::string{shared_role(context_)}, shared_agents()) {
    publish();
    start(main_loop);
    directory_.delete_at_end(context_.delete_directory_on_shutdown);
}

/// All that one thread steps. What was logged is printed there too if the driver may have no thread.
std::vector<std::shared_ptr<Agent>> MediaDriver::Running::shared_agents() {
    std::vector<std::shared_ptr<Agent>> agents{lend(shared_clock_agent_), lend(network_.sender()),
                                               lend(network_.receiver()), lend(native_resources_),
                                               lend(tracked_conductor_)};
    if (event_log_ && context_.threading_mode == ThreadingMode::invoker) {
        agents.push_back(lend(event_log_->reader()));
    }
    return agents;
}

/// Clients attach from here on. spec: 06 §5 steps 7 to 10
void MediaDriver::Running::publish() {
    system_counters_.set(SystemCounter::aeron_version, software_version.packed());
    system_counters_.set(SystemCounter::control_protocol_version, control_protocol_version.packed());
    system_counters_.set(SystemCounter::bytes_currently_mapped, cnc_.length() + loss_report_file_.length());

    static_cast<void>(commands_.next_correlation_id());  // nobody is ever given 0
    commands_.set_consumer_heartbeat_ms(context_.epoch_clock->epoch_ms());
    cnc_.publish_version();
    cnc_.flush();
    directory_.unlock();

    if (context_.print_configuration) {
        fmt::print("{}", describe(context_));
        std::fflush(stdout);
    }
}

/// The main loop's thread last, so that others do not inherit what is set for it. spec: 06 §2.2
void MediaDriver::Running::start(const MainLoop main_loop) {
    if (event_log_ && context_.threading_mode != ThreadingMode::invoker) {
        event_log_runner_ = make_runner(event_log_->reader(), {.name = "sleep-ns", .args = "1ms"}, any_cpu);
        event_log_runner_->start();
    }
    if (is_shared(context_)) {
        start_main(shared_agent_, context_.shared_idle, main_loop);
        return;
    }
    if (context_.threading_mode == ThreadingMode::shared_network) {
        start_thread(network_agent_, context_.shared_network_idle, context_.sender_cpu_affinity);
    } else {
        start_thread(network_.sender(), context_.sender_idle, context_.sender_cpu_affinity);
        start_thread(network_.receiver(), context_.receiver_idle, context_.receiver_cpu_affinity);
    }
    start_thread(native_resources_, context_.native_resource_agent_idle, context_.native_resource_agent_cpu_affinity);
    start_main(tracked_conductor_, context_.conductor_idle, main_loop);
}

void MediaDriver::Running::start_thread(Agent& agent, const IdleSetting& idle, const std::int32_t cpu) {
    runners_.push_back(make_runner(agent, idle, cpu));
    runners_.back()->start();
}

void MediaDriver::Running::start_main(Agent& agent, const IdleSetting& idle, const MainLoop main_loop) {
    if (main_loop == MainLoop::on_own_thread) {
        main_runner_ = make_runner(agent, idle, context_.conductor_cpu_affinity);
        main_runner_->start();
        return;
    }
    main_idle_ = make_driver_idle_strategy(idle, system_counters_);
    main_invoker_ = std::make_unique<AgentInvoker>(lend(agent), on_error_);
    prepare_calling_thread(agent.role_name());
    main_invoker_->start();
}

std::unique_ptr<AgentRunner> MediaDriver::Running::make_runner(Agent& agent, const IdleSetting& idle,
                                                               const std::int32_t cpu) {
    AgentThreadSettings settings{.on_start = context_.on_agent_start};
    if (cpu >= 0) {
        settings.cpu = cpu;
    }
    return std::make_unique<AgentRunner>(lend(agent), make_driver_idle_strategy(idle, system_counters_), on_error_,
                                         std::move(settings));
}

void MediaDriver::Running::prepare_calling_thread(const std::string_view role_name) {
    if (context_.conductor_cpu_affinity >= 0) {
        try {
            keep_this_thread_on(context_.conductor_cpu_affinity);
        } catch (...) {
            report_current_exception(on_error_);
        }
    }
    if (context_.on_agent_start) {
        context_.on_agent_start(role_name);
    }
}

bool MediaDriver::Running::is_inside_agent() const noexcept {
    return std::any_of(runners_.begin(), runners_.end(), [](const auto& runner) { return runner->is_own_thread(); }) ||
           (main_runner_ && main_runner_->is_own_thread()) ||
           (event_log_runner_ && event_log_runner_->is_own_thread()) || (main_invoker_ && main_invoker_->is_working());
}

/// spec: 06 §6.1
void MediaDriver::Running::close() noexcept {
    if (main_runner_) {
        runners_.push_back(std::move(main_runner_));
    }
    for (const auto& runner : runners_) {
        despite_errors([&runner] { runner->stop(); });
    }
    for (const auto& runner : runners_) {
        despite_errors([&runner] { runner->close(); });
    }
    if (main_invoker_) {
        despite_errors([this] { main_invoker_->close(); });
    }
    if (event_log_runner_) {
        despite_errors([this] { event_log_runner_->close(); });
    }
    despite_errors([this] { system_counters_.free(); });
    commands_.set_consumer_heartbeat_ms(-1);
    despite_errors([this] { cnc_.flush(); });
}

MediaDriver::MediaDriver(DriverContext context, const MainLoop main_loop) {
    DriverContext complete = completed(std::move(context));
    std::shared_ptr<net::UdpTransport> transport = make_transport(complete);
    check(complete, *transport, main_loop);
    apply_cpuset(complete);
    directory_ = complete.directory;
    running_ = std::make_unique<Running>(std::move(complete), std::move(transport), main_loop);
}

MediaDriver::MediaDriver(MediaDriver&&) noexcept = default;
MediaDriver& MediaDriver::operator=(MediaDriver&&) noexcept = default;
MediaDriver::~MediaDriver() = default;

int MediaDriver::do_work() {
    return running_ ? running_->do_work() : 0;
}

void MediaDriver::idle(const int work_count) {
    if (running_) {
        running_->idle(work_count);
    }
}

void MediaDriver::close() {
    if (running_ && running_->is_inside_agent()) {
        throw Error(
            ErrorCode::reentrant_call,
            "the driver cannot be closed by one of its own agents, which it would wait for: set a flag there, and "
            "close it outside");
    }
    running_.reset();
}

}  // namespace cpperon
