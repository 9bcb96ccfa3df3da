//! Serves the simulated providers: `cargo run -p claw-simulator --example simulate -- 127.0.0.1:18080 [KEY [SECRET]]`.

use claw_simulator::{KNOBS, Options, Simulator};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:18080".to_owned());
    let listener = TcpListener::bind(&address).await?;
    let (required_key, aws_secret_key) = (arguments.next(), arguments.next());
    let mut options = Options { required_key, aws_secret_key, ..Options::default() };
    options.log = std::env::var_os("SIMULATE_WITHOUT_LOG").is_none();
    write(&format!("The four providers are at http://{}\n{KNOBS}\n", listener.local_addr()?))?;
    let interrupted = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Simulator::new(options).serve(listener, interrupted).await;
    Ok(())
}

fn write(text: &str) -> std::io::Result<()> {
    std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())
}
