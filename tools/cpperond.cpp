/// `cpperond`: a media driver as a program of its own, for all clients of this machine. spec: 06 §4
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cpperon/base/error.hpp"
#include "cpperon/base/properties.hpp"
#include "cpperon/base/this_thread.hpp"
#include "cpperon/base/version.hpp"
#include "cpperon/driver/context.hpp"
#include "cpperon/driver/media_driver.hpp"

namespace {

// relaxed everywhere: the handler and the conductor, which sets the second, hand over nothing but these values.
std::atomic<int> received_signal{0};
std::atomic<bool> is_termination_accepted{false};
static_assert(std::atomic<int>::is_always_lock_free, "the signal handler must not lock");

void on_signal(const int signal) {
    received_signal.store(signal, std::memory_order_relaxed);
}

void install_signal_handlers() {
    struct sigaction action {};
    action.sa_handler = on_signal;
    ::sigemptyset(&action.sa_mask);
    for (const int signal : {SIGINT, SIGTERM}) {
        ::sigaction(signal, &action, nullptr);
    }
}

struct Arguments {
    std::vector<std::string> definitions;
    std::vector<std::string> files;
};

/// Environment, then `-D`, then files; a later one wins. spec: 06 §3.1
cpperon::DriverContext make_context(const Arguments& arguments) {
    cpperon::Properties properties;
    for (const std::string& definition : arguments.definitions) {
        properties.set(definition);
    }
    for (const std::string& file : arguments.files) {
        properties.load_file(file);
    }
    cpperon::DriverContext context =
        cpperon::DriverContext::from_environment(properties.over(cpperon::process_environment()));
    context.termination_hook = [] { is_termination_accepted.store(true, std::memory_order_relaxed); };
    if (context.thread_naming == cpperon::ThreadNaming::aeron_md) {
        // The main thread only; the others are named already. With classic naming it keeps the program's name.
        context.on_agent_start = [main_thread = std::this_thread::get_id()](const std::string_view role) {
            if (std::this_thread::get_id() == main_thread) {
                cpperon::name_this_thread(role);
            }
        };
    }
    return context;
}

/// The exit status: the signal that ended the driver, or 0 after an accepted termination.
int run(const Arguments& arguments) {
    install_signal_handlers();
    cpperon::MediaDriver driver{make_context(arguments), cpperon::MainLoop::by_caller};
    while (received_signal.load(std::memory_order_relaxed) == 0 &&
           !is_termination_accepted.load(std::memory_order_relaxed)) {
        driver.idle(driver.do_work());
    }
    fmt::print("Shutting down driver...\n");
    driver.close();
    return received_signal.load(std::memory_order_relaxed);
}

std::string version_line() {
    return fmt::format("cpperond <aeron version={0} commit={1}> major {2} minor {3} patch {4} git {1}",
                       cpperon::version_text, cpperon::build_commit(), cpperon::version_major, cpperon::version_minor,
                       cpperon::version_patch);
}

}  // namespace

int main(const int argument_count, char** const argument_values) {
    Arguments arguments;
    CLI::App app{"A media driver for Aeron clients on this machine.", "cpperond"};
    app.add_option("-D", arguments.definitions,
                   "Set a property, as -Daeron.dir=/dev/shm/orders; goes before the environment (AERON_DIR)")
        ->type_name("name=value")
        ->allow_extra_args(false);
    app.add_option("files", arguments.files,
                   "Properties files, name=value per line; each goes before -D and those before it")
        ->type_name("path");
    app.set_version_flag("-v,--version", version_line());
    app.failure_message(CLI::FailureMessage::help);
    app.footer(
        "Ends with SIGINT or SIGTERM, with the signal's number as exit status, and with 0 when a client "
        "terminates it, which needs -Daeron.driver.termination.validator=allow.");
    try {
        app.parse(argument_count, argument_values);
    } catch (const CLI::ParseError& outcome) {
        return app.exit(outcome) == EXIT_SUCCESS ? EXIT_SUCCESS : EXIT_FAILURE;
    }

    try {
        return run(arguments);
    } catch (const cpperon::Error& error) {
        fmt::print(stderr, "cpperond: error {} ({}): {}\n{}", static_cast<int>(error.code()),
                   cpperon::to_string(error.code()), error.what(), error.stack_trace());
    } catch (const std::exception& error) {
        fmt::print(stderr, "cpperond: {}\n", error.what());
    }
    return EXIT_FAILURE;
}
