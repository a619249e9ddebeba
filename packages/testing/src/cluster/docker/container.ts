/** The part of testcontainers that the kit uses, as a shape: its types are not needed to use the kit without Docker. */

/** A container that runs, or has run. */
export interface Container {
  exec(command: string[], options?: { user?: string }): Promise<unknown>;
  restart(): Promise<void>;
  stop(): Promise<unknown>;
}

/** A container to be started. */
export interface PostgresContainer {
  withDatabase(name: string): this;
  withUsername(name: string): this;
  withPassword(password: string): this;
  withExposedPorts(port: { container: number; host: number }): this;
  withCommand(command: string[]): this;
  start(): Promise<Container>;
}

/** The module. */
export interface Testcontainers {
  readonly PostgreSqlContainer: new (image: string) => PostgresContainer;
}
