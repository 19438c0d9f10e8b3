#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gradmatch/v1/token_service.grpc.pb.h"
#include "index/file_system.h"
#include "server/time_proto.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using v1::TokenService;

struct Arguments {
  std::string id;
  std::string role;
  std::string source;
  std::string staff;
  std::vector<std::string> scopes;
  std::string expires;
  std::string overlap = "24h";
  std::string note;
  std::string purpose;
  std::string out;
  int64_t limit = 1'000;
};

// "90d", "24h", "90m", "0".
absl::StatusOr<absl::Duration> ParseSpan(const std::string& name,
                                         const std::string& text) {
  absl::Duration span;
  int64_t days = 0;
  if (!text.empty() && text.back() == 'd' &&
      absl::SimpleAtoi(text.substr(0, text.size() - 1), &days)) {
    return absl::Hours(24) * days;
  }
  if (absl::ParseDuration(text, &span)) return span;
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": \"", text, "\" is no time such as 90d or 24h"));
}

// When that time from now is over; nullopt when none is named.
absl::StatusOr<std::optional<absl::Time>> ExpiryOf(const Arguments& a) {
  if (a.expires.empty()) return std::nullopt;
  const auto life = ParseSpan("--expires", a.expires);
  if (!life.ok()) return life.status();
  return absl::Now() + *life;
}

std::string Shown(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M", FromTimestamp(time),
                          absl::LocalTimeZone());
}

// A secret goes to the file, or alone to standard output, so that it can be
// piped; what is said of it goes elsewhere.
int HandOver(const GlobalOptions& options, const std::string& out,
             const v1::IssuedToken& issued) {
  const v1::Token& token = issued.token();
  if (!out.empty()) {
    const absl::Status written =
        WriteFileDurably(out, issued.bearer() + "\n", 0600);
    if (!written.ok()) {
      std::cerr << "gradmatch: " << written.message() << "\n"
                << token.name()
                << " was made, and nobody has its secret: run gradmatch token "
                   "rotate with another --out\n";
      return kExitCannotWrite;
    }
  }
  if (options.output != "table") {
    v1::IssuedToken shown = issued;
    if (!out.empty()) shown.clear_bearer();
    PrintJson(shown, options.output == "json");
  } else if (out.empty()) {
    std::cout << issued.bearer() << "\n";
  }
  if (options.quiet) return kExitOk;
  std::cerr << token.name() << "，有效期至 " << Shown(token.expire_time());
  if (token.has_previous_expire_time()) {
    std::cerr << "；原密钥可用至 " << Shown(token.previous_expire_time());
  }
  std::cerr << (out.empty() ? "；令牌只显示这一次，请立即妥善保存\n"
                            : absl::StrCat("；已写入 ", out, "\n"));
  return kExitOk;
}

int Create(const GlobalOptions& options, const Arguments& a) {
  v1::CreateTokenRequest request;
  request.set_token_id(a.id);
  v1::Token& token = *request.mutable_token();
  v1::Token::Role role = v1::Token::ROLE_UNSPECIFIED;
  v1::Token::Role_Parse(absl::StrCat("ROLE_", absl::AsciiStrToUpper(a.role)),
                        &role);
  token.set_role(role);
  if (!a.source.empty()) token.set_tenant(FullName("sources", a.source));
  if (!a.staff.empty()) token.set_tenant(FullName("staff", a.staff));
  for (const std::string& scope : a.scopes) token.add_scopes(scope);
  token.set_note(a.note);
  const auto expiry = ExpiryOf(a);
  if (!expiry.ok()) return Fail(expiry.status());
  if (expiry->has_value()) {
    *token.mutable_expire_time() = ToTimestamp(**expiry);
  }
  v1::IssuedToken issued;
  const absl::Status status = Client(options).Call<TokenService>(
      &TokenService::Stub::CreateToken, request, issued);
  return status.ok() ? HandOver(options, a.out, issued) : Fail(status);
}

int Rotate(const GlobalOptions& options, const Arguments& a) {
  v1::RotateTokenRequest request;
  request.set_name(FullName("tokens", a.id));
  const auto overlap = ParseSpan("--overlap", a.overlap);
  if (!overlap.ok()) return Fail(overlap.status());
  request.mutable_overlap()->set_seconds(absl::ToInt64Seconds(*overlap));
  const auto expiry = ExpiryOf(a);
  if (!expiry.ok()) return Fail(expiry.status());
  if (expiry->has_value()) {
    *request.mutable_expire_time() = ToTimestamp(**expiry);
  }
  v1::IssuedToken issued;
  const absl::Status status = Client(options).Call<TokenService>(
      &TokenService::Stub::RotateToken, request, issued);
  return status.ok() ? HandOver(options, a.out, issued) : Fail(status);
}

int Revoke(const GlobalOptions& options, const Arguments& a) {
  v1::RevokeTokenRequest request;
  request.set_name(FullName("tokens", a.id));
  request.set_purpose(a.purpose);
  v1::Token token;
  const absl::Status status = Client(options).Call<TokenService>(
      &TokenService::Stub::RevokeToken, request, token);
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintJson(token, options.output != "jsonl");
  return kExitOk;
}

int Show(const GlobalOptions& options, const Arguments& a) {
  v1::GetTokenRequest request;
  request.set_name(FullName("tokens", a.id));
  v1::Token token;
  const absl::Status status = Client(options).Call<TokenService>(
      &TokenService::Stub::GetToken, request, token);
  if (!status.ok()) return Fail(status);
  PrintJson(token, options.output != "jsonl");
  return kExitOk;
}

std::string Joined(
    const google::protobuf::RepeatedPtrField<std::string>& list) {
  std::string out;
  for (const std::string& one : list) {
    absl::StrAppend(&out, out.empty() ? "" : " ", one);
  }
  return out;
}

int List(const GlobalOptions& options, const Arguments& a) {
  return PrintList<TokenService>(
      options, v1::ListTokensRequest(), a.limit,
      &TokenService::Stub::ListTokens,
      [](const v1::ListTokensResponse& r) { return r.tokens(); },
      Table({"token", "角色", "所属", "范围", "状态", "到期", "更换", "备注"}),
      [](Table& table, const v1::Token& t) {
        table.Add(
            {t.name(),
             absl::AsciiStrToLower(v1::Token::Role_Name(t.role()).substr(5)),
             t.tenant(), Joined(t.scopes()),
             v1::Token::State_Name(t.state()).substr(6), Shown(t.expire_time()),
             Shown(t.rotate_time()), t.note()});
      });
}

constexpr char kOutHelp[] =
    "File that gets the token, for its owner only; else it is printed";
constexpr char kExpiresHelp[] = "How long it is good from now, as 90d or 24h";

void AddMakingCommands(CommandLine& line, const GlobalOptions& options,
                       const std::shared_ptr<Arguments>& a) {
  line.Add("token create", "Makes a token; its secret is shown this once",
           [&options, a] { return Create(options, *a); })
      .OptionalPositional("id", &a->id, "Id; made up when not named")
      .Option("--role", &a->role, "What its bearer may do")
      .Required()
      .OneOf({"platform", "source", "operator", "staff", "scientist", "viewer"})
      .Option("--source", &a->source, "For role source: whose postings")
      .Option("--staff", &a->staff, "For role staff: whose students")
      .Option("--scope", &a->scopes,
              "Service or method it is narrowed to, as PostingService; may be "
              "repeated")
      .Option("--expires", &a->expires, kExpiresHelp)
      .Option("--note", &a->note, "What it is for; no person's name")
      .Option("--out", &a->out, kOutHelp);
  line.Add("token rotate", "Gives a token a new secret",
           [&options, a] { return Rotate(options, *a); })
      .Positional("id", &a->id, "Id or name")
      .Option("--overlap", &a->overlap,
              "How long the present secret stays good; 0: not at all")
      .Option("--expires", &a->expires, kExpiresHelp)
      .Option("--out", &a->out, kOutHelp);
}

}  // namespace

void AddTokenCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("token", "Tokens: who may call, as what, for whom");
  auto a = std::make_shared<Arguments>();
  AddMakingCommands(line, options, a);
  line.Add("token list", "Lists tokens, ended ones too; never a secret",
           [&options, a] { return List(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("token show", "Shows one, without its secret",
           [&options, a] { return Show(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("token revoke", "Ends one for good, at once",
           [&options, a] { return Revoke(options, *a); })
      .Positional("id", &a->id, "Id or name")
      .Option("--purpose", &a->purpose, "Why, for the audit");
}

}  // namespace gradmatch
