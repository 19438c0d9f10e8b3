#include "server/server.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "index/format.h"
#include "server/admin_service.h"
#include "server/call_observer.h"
#include "server/code_service.h"
#include "server/connection_acceptor.h"
#include "server/content_service.h"
#include "server/data_snapshots/snapshot_subsystem.h"
#include "server/engine_parts.h"
#include "server/erasure_operations.h"
#include "server/exposure.h"
#include "server/fitted_options.h"
#include "server/graduate_readers.h"
#include "server/graduate_service.h"
#include "server/grpc_limits.h"
#include "server/housekeeping.h"
#include "server/http/gateway.h"
#include "server/identity/identity_setup.h"
#include "server/identity/token_service.h"
#include "server/index_service.h"
#include "server/match_service.h"
#include "server/operations_service.h"
#include "server/overload_figures.h"
#include "server/part_options.h"
#include "server/posting_service.h"
#include "server/push_scheduler.h"
#include "server/push_subsystem.h"
#include "server/reflection.h"
#include "server/retention/retention_runner.h"
#include "server/sealed_values.h"
#include "server/server_figures.h"
#include "server/source_service.h"
#include "server/staff_service.h"
#include "server/storage_guard.h"
#include "server/tls/grpc_credentials.h"
#include "server/tls/tls_keeper.h"
#include "server/unreadable_request.h"

namespace gradmatch {
namespace {

// For answers that are finished to reach the socket.
constexpr absl::Duration kLastBytes = absl::Milliseconds(100);

// Names are full: "gradmatch.v1.PostingService".
const std::vector<std::string>& HealthNames() {
  static const auto& names = *new std::vector<std::string>{
      std::string(v1::PostingService::service_full_name()),
      std::string(v1::SourceService::service_full_name()),
      std::string(v1::GraduateService::service_full_name()),
      std::string(v1::MatchService::service_full_name()),
      std::string(v1::CodeService::service_full_name()),
      std::string(v1::ContentService::service_full_name()),
      std::string(v1::StaffService::service_full_name()),
      std::string(v1::TokenService::service_full_name()),
      std::string(v1::SnapshotService::service_full_name()),
      "gradmatch.v1.PushService",
      "gradmatch.v1.FeedbackService",
      "gradmatch.v1.IndexService",
      "google.longrunning.Operations"};
  return names;
}

class ServerImpl final : public Server {
 public:
  ServerImpl(LoadedOptions loaded, const Clock& clock, Logger& log)
      : loaded_(Fitted(std::move(loaded), log)),
        options_(loaded_.options),
        clock_(clock),
        log_(log),
        workers_(CallPoolLimits(options_), system_clock_),
        ingest_workers_(IngestPoolLimits(options_), system_clock_),
        admission_(AdmissionLimitsOf(options_)),
        streams_(options_.server.stream_idle),
        runtime_(clock, log, workers_, ingest_workers_, admission_, streams_),
        identity_(options_, clock, log),
        push_(NewPushSubsystem(runtime_, PushOptionsOf(options_))),
        postings_(runtime_, SyncLimitsOf(options_)),
        erasures_(runtime_,
                  {.purge_interval = options_.privacy.purge_interval}),
        erasure_operations_(runtime_, erasures_),
        graduates_(runtime_, erasures_, SyncLimitsOf(options_)),
        contents_(runtime_, SyncLimitsOf(options_)),
        sources_(runtime_),
        matches_(runtime_, push_->push_reasons(), MatchOptionsOf(options_),
                 MakeGraduateReaderHooks(runtime_)),
        codes_(runtime_),
        staff_(
            runtime_, [this] { return push_->push_store(); },
            push_->push_reasons()),
        tokens_(runtime_),
        admin_(runtime_, facts_, loaded_.values),
        figures_(runtime_, facts_, log, options_.storage.data_dir),
        recall_(runtime_),
        indexes_(runtime_, recall_),
        snapshots_(runtime_, options_, ServerVersion()),
        operations_(runtime_, {&push_->operations(), &erasure_operations_,
                               &recall_, &snapshots_.operations()}),
        storage_(StorageGuardOptionsOf(options_.storage), log) {
    facts_.version = std::string(ServerVersion());
    facts_.start_time = clock.Now();
    facts_.format_version = kFormatVersion;
    facts_.complete = [this](v1::ServerInfo& info) {
      const auto plain = runtime_.metrics().Plain();
      info.mutable_figures()->insert(plain.begin(), plain.end());
      return figures_.Complete(info);
    };
    runtime_.metrics().AddSource(
        [this](Gauges& gauges) { figures_.Set(gauges); });
    facts_.storage = [this] { return storage_.state(); };
  }

  ~ServerImpl() override {
    Drain();
    // The last tasks finish their calls on these threads.
    workers_.Shutdown();
    ingest_workers_.Shutdown();
  }

  absl::Status Open() {
    storage_gate_.emplace(identity_.gate(), storage_);
    runtime_.SetGate(*storage_gate_);
    absl::Status secured = OpenTls();
    if (!secured.ok()) return secured;
    grpc::ServerBuilder builder;
    SetGrpcLimits(options_, builder);
    absl::Status listening = ListenGrpc(builder);
    if (!listening.ok()) return listening;
    for (grpc::Service* service : Services()) builder.RegisterService(service);
    std::vector<
        std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
        interceptors;
    interceptors.push_back(NewCallObserver(CallObserverOptionsOf(options_),
                                           runtime_.metrics(), log_));
    interceptors.push_back(NewUnreadableRequestInterceptor());
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    grpc_ = builder.BuildAndStart();
    if (grpc_ == nullptr || port_ == 0) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", options_.server.grpc_listen,
          ": the address is taken or not this machine's; choose another "
          "server.grpc_listen, or stop who has it"));
    }
    SetHealth(false);
    if (acceptor_ != nullptr) StartAccepting();
    log_.Log(LogLevel::kInfo, "server", "listening",
             {{LogField::kAddress, options_.server.grpc_listen},
              {LogField::kPort, port_},
              {LogField::kVersion, ServerVersion()}});
    absl::Status http = OpenHttp();
    return http.ok() ? WritePortFile() : http;
  }

  // What the gRPC listener is opened with; from then on the files are watched.
  absl::Status OpenTls() {
    if (options_.tls.certificate_file.empty()) {
      credentials_ = grpc::InsecureServerCredentials();
      return absl::OkStatus();
    }
    auto keeper =
        TlsKeeper::Open({.files = {.certificate = options_.tls.certificate_file,
                                   .key = options_.tls.key_file,
                                   .client_ca = options_.tls.client_ca_file},
                         .require_client = RequiresClientCertificate(options_)},
                        system_clock_, log_);
    if (!keeper.ok()) return keeper.status();
    tls_ = *std::move(keeper);
    tls_watch_.emplace(options_.tls.reload_interval,
                       [this](const auto&) { tls_->Check(); });
    credentials_ = NewServerCredentials(*tls_);
    return absl::OkStatus();
  }

  // Adds the listener to `builder`: our own, or, without a limit of
  // connections, the library's.
  absl::Status ListenGrpc(grpc::ServerBuilder& builder) {
    const Options::Server& server = options_.server;
    if (server.grpc_connections == 0) {
      builder.AddListeningPort(server.grpc_listen, credentials_, &port_);
      return absl::OkStatus();
    }
    auto acceptor = ConnectionAcceptor::Listen(
        server.grpc_listen,
        {.max_connections = server.grpc_connections,
         .max_of_address = server.grpc_address_connections});
    if (!acceptor.ok()) return acceptor.status();
    acceptor_ = *std::move(acceptor);
    port_ = acceptor_->port();
    grpc_door_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
        credentials_);
    return absl::OkStatus();
  }

  void StartAccepting() {
    runtime_.metrics().AddSource(
        [this](Gauges& gauges) { SetGrpcConnections(*acceptor_, gauges); });
    acceptor_->Start([this](int fd) {
      grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
          connection;
      connection.listener_fd = acceptor_->listener();
      connection.fd = fd;
      grpc_door_->HandleNewConnection(&connection);
    });
  }

  absl::Status OpenHttp() {
    if (options_.server.http_listen.empty()) return absl::OkStatus();
    auto gateway = HttpGateway::Listen(
        GatewayOptionsOf(options_, tls_.get(), identity_),
        grpc_->InProcessChannel(grpc::ChannelArguments()), runtime_);
    if (!gateway.ok()) return gateway.status();
    http_ = *std::move(gateway);
    runtime_.metrics().AddSource(
        [this](Gauges& gauges) { http_->Figures(gauges); });
    log_.Log(LogLevel::kInfo, "server", "listening_http",
             {{LogField::kAddress, options_.server.http_listen},
              {LogField::kPort, http_->port()}});
    return absl::OkStatus();
  }

  absl::Status Load() override {
    const absl::Time begin = absl::Now();
    auto parts = EngineParts::Open(options_, ServerVersion(), clock_);
    if (!parts.ok()) return parts.status();
    parts_ = *std::move(parts);
    facts_.load_seconds = absl::ToDoubleSeconds(absl::Now() - begin);
    const OpenReport& report = parts_->store().open_report();
    facts_.open_mode = report.created  ? "CREATED"
                       : report.strict ? "STRICT"
                                       : "RECOVERED";
    TellOfSealedValues(parts_->reseal_report(), options_.privacy.seal_key_file,
                       log_);
    runtime_.SetEngine(parts_->engine());
    absl::Status restored = snapshots_.Start(parts_->store(), erasures_);
    if (!restored.ok()) return restored;
    // After tokens are what they were last, also in a folder that was restored.
    absl::Status opened = identity_.Open(parts_->engine());
    if (!opened.ok()) return opened;
    storage_.Start(parts_->store());
    absl::Status pushing =
        push_->Start([this] { return storage_.CheckRoom(); });
    if (!pushing.ok()) return pushing;
    absl::Status measuring = recall_.Start();
    if (!measuring.ok()) return measuring;
    absl::Status erasing = erasures_.Start(**push_->store());
    if (!erasing.ok()) return erasing;
    StartRetention(**push_->store());
    runtime_.Serve();
    SetHealth(true);
    const Catalog& catalog = parts_->engine().catalog;
    log_.Log(LogLevel::kInfo, "server", "serving",
             {{LogField::kMode, facts_.open_mode},
              {LogField::kSeconds, facts_.load_seconds},
              {LogField::kGeneration,
               static_cast<uint64_t>(catalog.CurrentSnapshot()->generation())},
              {LogField::kCount,
               static_cast<uint64_t>(
                   catalog.Counts(CollectionId::kPostings).records)},
              {LogField::kEncoder, parts_->engine().encoder.info().id}});
    return absl::OkStatus();
  }

  void Drain() override {
    if (grpc_ == nullptr || drained_) return;
    drained_ = true;
    const absl::Time begin = absl::Now();
    log_.Log(LogLevel::kInfo, "server", "draining",
             {{LogField::kCount, admission_.in_flight()}});
    SetHealth(false);
    runtime_.Drain();
    if (http_ != nullptr) http_->BeginDrain();
    streams_.Drain();
    push_->Stop();
    recall_.Stop();
    snapshots_.Stop();
    erasures_.Stop();
    if (retention_ != nullptr) retention_->End();
    storage_.Stop();
    AwaitCalls(begin);
    if (http_ != nullptr) http_->Stop(kLastBytes);
    runtime_.metrics().StopSources();  // one of them asks http_
    http_.reset();
    if (acceptor_ != nullptr) acceptor_->Stop();
    grpc_->Shutdown(absl::ToChronoTime(absl::Now() + kLastBytes));
    workers_.Shutdown();
    ingest_workers_.Shutdown();
    grpc_.reset();
    log_.Log(
        LogLevel::kInfo, "server", "drained",
        {{LogField::kSeconds, absl::ToDoubleSeconds(absl::Now() - begin)}});
  }

  void ReloadCertificates() override {
    if (tls_ != nullptr) tls_->Check(/*always=*/true);
  }

  int port() const override { return port_; }
  int http_port() const override {
    return http_ == nullptr ? 0 : http_->port();
  }
  Runtime& runtime() override { return runtime_; }
  std::vector<Watchdog::Listener> listeners() override {
    std::vector<Watchdog::Listener> listeners;
    const std::string grpc = OwnAddress(options_.server.grpc_listen, port_);
    const std::string http =
        http_ == nullptr
            ? ""
            : OwnAddress(options_.server.http_listen, http_->port());
    const auto refused = [this]() -> int64_t {
      return acceptor_ == nullptr ? 0 : acceptor_->refused();
    };
    // Behind TLS it would take a certificate to say more than that it lives.
    const bool secure = tls_ != nullptr;
    listeners.push_back(
        {"grpc", secure ? TcpProber(grpc)
                        : GrpcProber([grpc] { return DialOwnListener(grpc); },
                                     refused)});
    if (http_ == nullptr) return listeners;
    listeners.push_back(
        {"http", secure ? TcpProber(http) : HttpProber(http, [this] {
           return http_->accepted();
         })});
    return listeners;
  }

 private:
  std::vector<grpc::Service*> Services() {
    std::vector<grpc::Service*> services = {
        &postings_, &graduates_, &contents_,   &sources_,
        &matches_,  &codes_,     &staff_,      &admin_,
        &indexes_,  &tokens_,    &operations_, &snapshots_.service()};
    for (grpc::Service* service : push_->services()) {
      services.push_back(service);
    }
    return services;
  }

  // Ends when no call is under way, or none may be any longer; not before all
  // had time to hear UNAVAILABLE. gRPC's own way of waiting is of no use: while
  // it waits, which it does for connections too that nobody uses, it answers
  // what arrives with CANCELLED, and no client tries that again.
  void AwaitCalls(absl::Time begin) {
    const absl::Time end = begin + options_.server.drain_timeout;
    absl::SleepFor(
        std::min(options_.server.drain_notice, options_.server.drain_timeout));
    while (absl::Now() < end &&
           (admission_.in_flight() > 0 || streams_.open() > 0)) {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }

  void StartRetention(PushStore& push_store) {
    const Engine& engine = parts_->engine();
    retention_ = std::make_unique<RetentionRunner>(
        RetentionOptions{.interval = options_.retention.interval,
                         .count_only = options_.retention.mode == "count"},
        clock_, engine.audit, log_,
        MakeRetentionJobs({.store = &engine.store,
                           .catalog = &engine.catalog,
                           .push_store = &push_store,
                           .audit = &engine.audit,
                           .requests = &engine.requests},
                          RetentionDaysOf(options_)));
    figures_.SetLoaded({.store = &parts_->store(),
                        .push_store = &push_store,
                        .scheduler = &push_->scheduler(),
                        .retention = retention_.get(),
                        .snapshots = snapshots_.snapshots()});
    retention_->Begin();
  }

  void SetHealth(bool serving) {
    grpc::HealthCheckServiceInterface* health = grpc_->GetHealthCheckService();
    health->SetServingStatus(serving);  // the server as a whole and what it has
    health->SetServingStatus("", serving);
    for (const std::string& name : HealthNames()) {
      health->SetServingStatus(name, serving);
    }
    // It answers from the first moment, and until the last.
    health->SetServingStatus("gradmatch.v1.AdminService", true);
  }

  // Written beside and renamed, so that a reader never sees half of it.
  absl::Status WritePortFile() {
    const std::string& path = options_.server.port_file;
    if (path.empty()) return absl::OkStatus();
    const std::string aside = path + ".new";
    {
      std::ofstream out(aside, std::ios::trunc);
      out << port_ << "\n" << http_port() << "\n";
    }
    if (std::rename(aside.c_str(), path.c_str()) == 0) return absl::OkStatus();
    return absl::PermissionDeniedError(absl::StrCat(
        "cannot write server.port_file ", path, "; is its folder writable?"));
  }

  // In the order of who needs whom; taken down in the opposite one.
  const LoadedOptions loaded_;
  const Options& options_;
  const Clock& clock_;
  Logger& log_;
  const SystemClock system_clock_;  // of deadlines, whatever `clock_` says
  ServerFacts facts_;
  std::unique_ptr<EngineParts> parts_;
  WorkerPool workers_;
  WorkerPool ingest_workers_;
  Admission admission_;
  StreamRegistry streams_;
  Runtime runtime_;
  IdentitySetup identity_;
  std::unique_ptr<PushSubsystem> push_;
  PostingServiceImpl postings_;
  ErasureRunner erasures_;
  ErasureOperations erasure_operations_;
  GraduateServiceImpl graduates_;
  ContentServiceImpl contents_;
  SourceServiceImpl sources_;
  MatchServiceImpl matches_;
  CodeServiceImpl codes_;
  StaffServiceImpl staff_;
  TokenServiceImpl tokens_;
  AdminServiceImpl admin_;
  ServerFigures figures_;
  RecallRunner recall_;
  IndexServiceImpl indexes_;
  SnapshotSubsystem snapshots_;
  OperationsServiceImpl operations_;
  std::unique_ptr<RetentionRunner> retention_;
  StorageGuard storage_;
  std::optional<StorageGate> storage_gate_;
  std::unique_ptr<TlsKeeper> tls_;  // null: the listeners are plain
  std::optional<Housekeeping> tls_watch_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;
  // The acceptor feeds the door, which is of the server; null: gRPC listens.
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> grpc_door_;
  std::unique_ptr<grpc::Server> grpc_;
  std::unique_ptr<ConnectionAcceptor> acceptor_;
  std::unique_ptr<HttpGateway> http_;  // calls grpc_
  int port_ = 0;
  bool drained_ = false;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(LoadedOptions options,
                                                       const Clock& clock,
                                                       Logger& log) {
  // Both are switches of the process: they count for servers built after them.
  grpc::EnableDefaultHealthCheckService(true);
  // gRPC answers reflection itself, whoever asks, so it is not there for
  // strangers.
  if (options.options.server.reflection &&
      options.options.auth.mode == "none") {
    EnableReflection(log);
  }
  auto server = std::make_unique<ServerImpl>(std::move(options), clock, log);
  absl::Status opened = server->Open();
  if (!opened.ok()) return opened;
  return server;
}

std::string_view ServerVersion() { return GRADMATCH_VERSION; }

}  // namespace gradmatch
